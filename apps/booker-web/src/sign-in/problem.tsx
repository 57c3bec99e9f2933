import css from './sign-in.module.css';

/** Why it was refused; an empty place for a screen reader to watch otherwise. */
export function Problem({ children }: { readonly children: string }) {
  return (
    <div role="alert" className={children ? css.problem : undefined}>
      {children}
    </div>
  );
}
