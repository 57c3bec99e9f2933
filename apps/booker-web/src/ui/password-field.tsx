import { PasswordInput, type PasswordInputProps } from '@mantine/core';
import { useState } from 'react';
import { useWords } from '../words/language.js';
import { signIn } from '../words/sign-in.js';

/** A password that can be looked at while it is typed, by keyboard, too. */
export function PasswordField(props: PasswordInputProps) {
  const t = useWords(signIn);
  const [shown, setShown] = useState(false);
  return (
    <PasswordInput
      withAsterisk={false}
      {...props}
      visible={shown}
      onVisibilityChange={setShown}
      visibilityToggleButtonProps={{
        'aria-label': t.showPassword,
        'aria-pressed': shown,
        'aria-hidden': false,
        tabIndex: 0,
      }}
    />
  );
}
