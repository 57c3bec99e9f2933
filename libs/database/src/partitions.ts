import { grantSql, identifier, scopePolicySql } from './policies.js';

/**
 * SQL for a migration: the functions `open_engagement(id)` and `drop_engagement(id)` over partitioned tables
 * (`PARTITION BY LIST (engagement_id)`), and EXECUTE for x_app. Both refuse an engagement outside the scope (42501).
 *
 * open: creates the missing partitions; does not wait for readers or writers of other engagements, unless a foreign key ties
 * the tables (adding it to a partition waits for their writers, at most 3 s, then 55P03, transient). Each partition gets
 * row-level security of its own, since the parent's does not guard a partition read by its own name, and no grants.
 * drop: removes them, last table first, and returns how many there were; gives up after 3 s of waiting for a lock (55P03,
 * transient) so that traffic does not queue behind it.
 * @param parents names up to 30 characters, referenced tables before those that refer to them. No DEFAULT partition anywhere:
 *   it would swallow leads of engagements not yet opened, and then block their partition
 */
export function partitionFunctionsSql(parents: readonly string[]): string {
  for (const parent of parents) if (identifier(parent).length > 30) throw new TypeError(`Name too long: ${parent}`);
  const list = `ARRAY[${parents.map((p) => `'${p}'`).join(', ')}]`;
  return `
CREATE FUNCTION open_engagement(engagement uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '3s' AS $open$
DECLARE parent text; part text; setting record;
BEGIN
  ${IN_SCOPE_OR_REFUSED}
  PERFORM pg_advisory_xact_lock(4712, hashtext(engagement::text));
  FOREACH parent IN ARRAY ${list} LOOP
    part := parent || '_' || replace(engagement::text, '-', '');
    CONTINUE WHEN to_regclass(part) IS NOT NULL;
    -- ATTACH instead of PARTITION OF: the latter locks the parent against everybody
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING COMPRESSION)', part, parent);
    FOR setting IN SELECT attname, attstattarget FROM pg_attribute
      WHERE attrelid = parent::regclass AND attnum > 0 AND NOT attisdropped AND attstattarget IS NOT NULL
    LOOP -- LIKE forgets them, and a statistics target of 0 keeps values out of pg_statistic
      EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET STATISTICS %s', part, setting.attname, setting.attstattarget);
    END LOOP;
    EXECUTE replace($policy$${scopePolicySql('partition_name')}$policy$, 'partition_name', quote_ident(part));
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%L)', parent, part, engagement);
  END LOOP;
END $open$;

CREATE FUNCTION drop_engagement(engagement uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '3s' AS $drop$
DECLARE parent text; part text; dropped integer := 0; parents text[] := ${list};
BEGIN
  ${IN_SCOPE_OR_REFUSED}
  PERFORM pg_advisory_xact_lock(4712, hashtext(engagement::text));
  FOR i IN REVERSE array_length(parents, 1)..1 LOOP
    parent := parents[i];
    part := parent || '_' || replace(engagement::text, '-', '');
    CONTINUE WHEN to_regclass(part) IS NULL;
    EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', parent, part); -- first, or a foreign key to it refuses the drop
    EXECUTE format('DROP TABLE %I', part);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $drop$;
${grantSql({ app: 'execute' }, 'function open_engagement(uuid), drop_engagement(uuid)')}`;
}

const IN_SCOPE_OR_REFUSED = `IF engagement IS NULL OR engagement <> ALL (coalesce(nullif(current_setting('app.engagements', true), ''), '{}')::uuid[]) THEN
    RAISE insufficient_privilege USING MESSAGE = 'engagement outside the scope';
  END IF;`;
