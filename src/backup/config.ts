/**
 * Schema of configs/backup.json: what is backed up, when, how long it is kept and how a restore is checked.
 *
 * A path begins with `{config}` or `{data}` (the folders of this bot) or with `/`. Neither the backups themselves
 * nor their signing key are ever part of a backup, whatever is included.
 */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { hours, type Ms, minutes, seconds } from '../domain/units.ts';
import { isTimeOfDay } from '../platform/local-time.ts';

export type Compression = 'gzip' | 'zstd' | 'none';

export interface HookConfig {
  readonly argv: readonly string[];
  readonly timeLimit: Ms;
}

export interface SectionConfig {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly compression: Compression;
  readonly gzipLevel: number;
  readonly before: readonly HookConfig[];
  readonly after: readonly HookConfig[];
}

export interface ReplicaConfig {
  readonly name: string;
  readonly remote: string;
  readonly configFile?: string | undefined;
  readonly hasHashes: boolean;
}

export interface BackupConfig {
  readonly $schema?: string | undefined;
  readonly sections: {
    readonly config: SectionConfig;
    readonly data: SectionConfig;
    readonly state: SectionConfig;
  };
  readonly schedule: { readonly dailyAt: string; readonly catchUp: Ms; readonly drill: boolean };
  readonly retention: { readonly daily: number; readonly weekly: number; readonly monthly: number };
  readonly staleAfter: Ms;
  readonly slowRestore: Ms;
  readonly timeLimit: Ms;
  readonly smoke: HookConfig | null;
  readonly restore: {
    readonly stopWorkers: readonly string[];
    readonly stop: readonly HookConfig[];
    readonly start: readonly HookConfig[];
    readonly healthCheck: HookConfig | null;
  };
  readonly replicas: readonly ReplicaConfig[];
  readonly mirror: { readonly files: readonly string[] };
}

const hook = z
  .strictObject({
    /** Absolute program first; never a shell. `{scratch}` as a whole argument is the restored folder of a drill. */
    argv: z
      .array(z.string().min(1))
      .min(1)
      .refine((argv) => isAbsolute(argv[0] ?? ''), 'expected an absolute path of a program first'),
    /** A dump of a database may take long; a hook that hangs must not hold the night. */
    timeLimitSeconds: z.number().min(1).max(86_400).default(600),
  })
  .transform(({ argv, timeLimitSeconds }) => ({ argv, timeLimit: seconds(timeLimitSeconds) }));

const path = z
  .string()
  .regex(/^(?:\{config\}|\{data\}|)\//, 'expected a path that begins with {config}/, {data}/ or /');

function section(include: readonly string[], exclude: readonly string[], compression: Compression) {
  return z
    .strictObject({
      include: z.array(path).default([...include]),
      exclude: z.array(path).default([...exclude]),
      /** `zstd` needs its program; without it gzip is used, and said. */
      compression: z.enum(['gzip', 'zstd', 'none']).default(compression),
      /** 6 is gzip's own default. */
      gzipLevel: z.int().min(1).max(9).default(6),
      /** Run before the section is read; one that fails ends the run. */
      before: z.array(hook).default([]),
      /** Run afterwards, also when the backup failed. */
      after: z.array(hook).default([]),
    })
    .prefault({});
}

const keyFile = path.refine((text) => !/[*?]/.test(text), 'expected the path of one file');

const replica = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected a short name such as off-site'),
  /** `remote:folder` of rclone, or an absolute folder. */
  remote: z.string().min(1),
  /** rclone's own configuration, mode 0600; absent: its default. */
  configFile: z.string().min(1).optional(),
  /** False for WebDAV and crypt remotes: then the copy is read back to be compared. */
  hasHashes: z.boolean().default(false),
});

export const BackupConfig: z.ZodType<BackupConfig> = z
  .strictObject({
    $schema: z.string().optional(),
    sections: z
      .strictObject({
        config: section(['{config}/**'], ['{config}/schema/**'], 'gzip'),
        /** What this bot itself produces for people; add the data of your services here. */
        data: section(['{data}/reports/**'], [], 'zstd'),
        state: section(['{data}/state/**', '{data}/audit/**'], [], 'gzip'),
      })
      .prefault({}),
    schedule: z
      .strictObject({
        /** In the bot's zone; few people work then. */
        dailyAt: z.string().refine(isTimeOfDay, 'expected a time of day such as 03:30').default('03:30'),
        /** A host that was off at night makes up for it until the evening. */
        catchUpHours: z.number().min(1).max(23).default(20),
        /** A backup that was never restored is a hope. */
        drill: z.boolean().default(true),
      })
      .prefault({})
      .transform(({ dailyAt, catchUpHours, drill }) => ({ dailyAt, catchUp: hours(catchUpHours), drill })),
    retention: z
      .strictObject({
        daily: z.int().min(1).max(366).default(7),
        weekly: z.int().min(0).max(260).default(4),
        monthly: z.int().min(0).max(240).default(6),
      })
      .prefault({}),
    /** A day and two hours: one late night is no alarm, a missed one is. */
    staleHours: z.number().min(1).max(1_000).default(26),
    /** The promise of a restore. */
    slowRestoreMinutes: z.number().min(1).max(10_000).default(30),
    /** A run that has not ended by then has hung. */
    timeLimitMinutes: z.number().min(1).max(1_440).default(180),
    /** Your own check of a restored copy; exit 0 is good. */
    smoke: hook.nullable().default(null),
    restore: z
      .strictObject({
        /** Workers of workers.json that write to what is restored: stopped before, started after. */
        stopWorkers: z.array(z.string().min(1)).default([]),
        stop: z.array(hook).default([]),
        start: z.array(hook).default([]),
        healthCheck: hook.nullable().default(null),
      })
      .prefault({}),
    replicas: z
      .array(replica)
      .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'expected each name once')
      .default([]),
    /** Key files that are copied to every replica as soon as they change. */
    mirror: z.strictObject({ files: z.array(keyFile).max(200).default([]) }).prefault({}),
  })
  .transform(({ staleHours, slowRestoreMinutes, timeLimitMinutes, ...rest }) => ({
    ...rest,
    staleAfter: hours(staleHours),
    slowRestore: minutes(slowRestoreMinutes),
    timeLimit: minutes(timeLimitMinutes),
  }));
