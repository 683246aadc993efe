/** Backups: can I restore, how old, how long; every backup and drill; and the restore, step by step. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { command, get } from '../api.ts';
import { Press } from '../parts/press.tsx';
import { RestoreGuide, type RestoreView } from '../parts/restore-guide.tsx';
import { When } from '../parts/when.tsx';
import { hasRole, status } from '../store.ts';
import { bytesWords, durationWords } from '../words.ts';

const LOOK_MS = 15_000;
const LOOK_BUSY_MS = 1_000;

interface BackupRow {
  readonly id: string;
  readonly at: string;
  readonly archiveBytes: number;
  readonly warnings: readonly string[];
  readonly verified: { readonly good: boolean; readonly reasons: readonly string[] } | null;
  readonly replicas: readonly { readonly name: string; readonly failure: string | null }[];
}

interface DrillRow {
  readonly id: string;
  readonly at: string;
  readonly good: boolean;
  readonly took: number;
  readonly projected: number;
}

interface Running {
  readonly what: string;
  readonly percent: number | null;
  readonly bytesPerSecond: number | null;
  readonly left: number | null;
}

interface Shown {
  readonly backups: readonly BackupRow[];
  readonly newestVerified: string | null;
  readonly drills: readonly DrillRow[];
  readonly complaints: readonly string[];
  readonly running: Running | null;
  readonly restore: RestoreView;
}

export function Backups(): JSX.Element {
  const [shown, setShown] = useState<Shown | null>(null);
  const load = async (): Promise<void> => {
    setShown(await get<Shown>('/api/backups').catch(() => null)); // the banner says that nothing answers
  };
  useEffect(() => void load(), [status.value]);
  useEffect(() => {
    const timer = setInterval(() => void load(), shown?.running ? LOOK_BUSY_MS : LOOK_MS);
    return () => clearInterval(timer);
  }, [shown?.running !== null]);
  if (shown === null) return <p class="loading">Backups</p>;
  return (
    <>
      <h1>{headline(shown)}</h1>
      <p class="sub">{projection(shown)}</p>
      {shown.complaints.map((text) => (
        <p class="banner" key={text}>
          {text}
        </p>
      ))}
      {shown.running !== null && <Progress running={shown.running} />}
      {hasRole('operator') && <Acts done={() => void load()} />}
      {hasRole('operator') && (
        <RestoreGuide
          state={shown.restore}
          ids={shown.backups.map(({ id }) => id)}
          done={() => void load()}
        />
      )}
      <List backups={shown.backups} />
      <Drills drills={shown.drills} />
    </>
  );
}

function headline({ newestVerified, backups }: Shown): string {
  if (newestVerified !== null) return 'You can restore.';
  return backups.length === 0 ? 'There is no backup yet.' : 'Not known whether you can restore.';
}

function projection({ newestVerified, drills }: Shown): string {
  const last = drills.at(-1);
  const from = newestVerified === null ? '' : `From ${newestVerified}, read in full. `;
  return last === undefined
    ? `${from}No drill was run yet.`
    : `${from}A full restore would take about ${durationWords(last.projected)}.`;
}

function Progress({
  running: { what, percent, bytesPerSecond, left },
}: {
  readonly running: Running;
}): JSX.Element {
  return (
    <section class="card" aria-label="Under way">
      <p role="status">
        {what}
        {percent !== null && `: ${percent} %`}
        {bytesPerSecond !== null && `, ${bytesWords(bytesPerSecond)}/s`}
        {left !== null && `, ${durationWords(left)} left`}
      </p>
      <progress max={100} value={percent ?? undefined} aria-label={what} />
    </section>
  );
}

function Acts({ done }: { readonly done: () => void }): JSX.Element {
  return (
    <div class="acts">
      <Press run={() => command('backup now')} done={done}>
        Back up now
      </Press>
      <Press run={() => command('backup verify')} done={done}>
        Verify the newest
      </Press>
      <Press run={() => command('backup drill')} done={done}>
        Drill
      </Press>
    </div>
  );
}

function List({ backups }: { readonly backups: readonly BackupRow[] }): JSX.Element {
  if (backups.length === 0) return <p class="sub">The first one is made at night, or now.</p>;
  return (
    <>
      <h2>Backups</h2>
      <section class="card rows">
        {backups.map(({ id, at, archiveBytes, verified, warnings, replicas }) => (
          <p key={id} class="num">
            <b>{id}</b> <When iso={at} /> · {bytesWords(archiveBytes)} · {verdictWords(verified)}
            {warnings.length > 0 && ` · ${warnings.length} warnings`}
            {replicas.map(
              ({ name, failure }) => ` · ${name}: ${failure === null ? 'copied' : 'copy failed'}`,
            )}
          </p>
        ))}
      </section>
    </>
  );
}

function verdictWords(verified: BackupRow['verified']): string {
  if (verified === null) return 'never read in full';
  return verified.good ? 'good' : `bad: ${verified.reasons[0] ?? ''}`;
}

/** How the time of a restore develops: one bar a drill, the longest fills the height. */
function Drills({ drills }: { readonly drills: readonly DrillRow[] }): JSX.Element | null {
  if (drills.length === 0) return null;
  const most = Math.max(...drills.map(({ took }) => took), 1);
  return (
    <>
      <h2>Drills</h2>
      <section class="card">
        <svg
          class="drills"
          viewBox={`0 0 ${drills.length * 12} 40`}
          role="img"
          aria-label="Time of each drill"
        >
          {drills.map(({ at, took, good }, index) => {
            const height = Math.max(2, (took / most) * 38);
            return (
              <rect
                key={at}
                class={good ? 'good' : 'bad'}
                x={index * 12 + 2}
                y={40 - height}
                width={8}
                height={height}
              />
            );
          })}
        </svg>
        {drills.toReversed().map(({ at, id, good, took }) => (
          <p key={at} class="num">
            <When iso={at} /> · {id} in {durationWords(took)} · {good ? 'good' : 'failed'}
          </p>
        ))}
      </section>
    </>
  );
}
