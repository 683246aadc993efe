/**
 * `npm run bench -- NAME [options]`: one table of benches, each in a file of its own that is loaded when it is asked for.
 *
 * A bench does its work against the built product, prints its figures beside their bars and peers, and asserts
 * nothing: figures are read by people and by whoever compares two runs.
 */

/** What every `bench/<name>.ts` exports as `run`: the words after its name in, an exit code out. */
export type Bench = (argv: readonly string[]) => Promise<number>;

interface Entry {
  readonly about: string;
  readonly load: () => Promise<{ readonly run: Bench }>;
}

/** A new bench is one file and one line here. */
const BENCHES: Readonly<Record<string, Entry>> = {
  chat: {
    about: 'a storm of alerts against local doubles of Slack and Discord [--alerts N --seconds N]',
    load: () => import('./chat.ts'),
  },
  detection: {
    about: 'detection quality and speed on labelled data [--data DIR] [--ablate]',
    load: () => import('./detection.ts'),
  },
  faults: {
    about:
      'breaks this host for real: time to detect, severity, cause [--only cpu,disk] [--rounds N] [--json FILE]',
    load: () => import('./faults.ts'),
  },
  healing: {
    about: 'worker dead to new pid, slow crash loops and drill figures, beside PM2 and supervisord [--drill]',
    load: () => import('./healing.ts'),
  },
  kills: {
    about: 'kill -9 of the bot while it heals: nothing twice, nothing lost [--count 200]',
    load: () => import('./healing/kills.ts'),
  },
  queue: {
    about: 'embedded queue beside BullMQ, ordering of 100,000 tasks [--tasks N]; torture [--kills 100]',
    load: () => import('./queue.ts'),
  },
  optimizer: {
    about: 'thresholds by the hour on against off; the throttle [--data DIR] [--only tuner,simulation,real]',
    load: () => import('./optimizer.ts'),
  },
  backup: {
    about: 'create, verify and restore against GNU tar + md5sum + sha256sum [--size full|small] [--rounds N]',
    load: () => import('./backup.ts'),
  },
};

const [name = '', ...argv] = process.argv.slice(2);
const entry = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (entry === undefined) {
  const lines = Object.entries(BENCHES).map(([key, { about }]) => `  ${key.padEnd(12)}${about}`);
  console.error(`Usage: npm run bench -- NAME [options]\n${lines.join('\n')}`);
  process.exitCode = 2;
} else {
  process.exitCode = await (await entry.load()).run(argv);
}
