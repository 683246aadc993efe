/** Workers that Nightshift keeps alive: how each stands, how often it died, and the three things one can do. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { WorkerView } from '../../../status-views.ts';
import { command } from '../api.ts';
import { Press } from '../parts/press.tsx';
import { When } from '../parts/when.tsx';
import { Word } from '../parts/word.tsx';
import { hasRole, workers } from '../store.ts';
import { countWords, workerWord } from '../words.ts';

const STOPPED = new Set(['stopped', 'gave_up', 'not_started']);

export function Workers(): JSX.Element {
  const all = workers.value;
  return (
    <>
      <h1>{headline(all)}</h1>
      <p class="sub">
        A worker that dies is started again at once; one that keeps dying is stopped and handed to you.
      </p>
      {all.length > 0 && <h2>Workers</h2>}
      {all.map((worker) => (
        <WorkerCard key={`${worker.worker}/${worker.instance}`} worker={worker} />
      ))}
    </>
  );
}

function headline(all: readonly WorkerView[]): string {
  if (all.length === 0) return 'No workers are configured.';
  const down = all.filter(({ state }) => state !== 'running');
  if (down.length === 0) return `${countWords(all.length, 'worker is', 'workers are')} running.`;
  return `${countWords(down.length, 'worker is', 'workers are')} not running.`;
}

function WorkerCard({ worker }: { readonly worker: WorkerView }): JSX.Element {
  const name = worker.instance === 0 ? worker.worker : `${worker.worker} ${worker.instance + 1}`;
  return (
    <section class="card worker" aria-label={name}>
      <div class="title">
        <h3>{name}</h3>
        <Word {...workerWord(worker.state)} />
      </div>
      <p class="sub num">
        {worker.time !== null && (
          <>
            {worker.state === 'backing_off' ? 'until' : 'since'} <When iso={worker.time} />
            {' · '}
          </>
        )}
        {details(worker)}
      </p>
      {hasRole('operator') && <Acts worker={worker} name={name} />}
      <Logs worker={worker.worker} />
    </section>
  );
}

function details({ pid, detail, exitsInTenMinutes, exitsInDay, lastExit }: WorkerView): string {
  const exits =
    exitsInDay === 0 ? 'no exit in 24 h' : `exits: ${exitsInTenMinutes} in 10 min, ${exitsInDay} in 24 h`;
  return [pid === null ? '' : `pid ${pid}`, detail, exits, lastExit === null ? '' : `last: ${lastExit}`]
    .filter(Boolean)
    .join(' · ');
}

function Acts({
  worker: { worker, state },
  name,
}: {
  readonly worker: WorkerView;
  readonly name: string;
}): JSX.Element {
  if (STOPPED.has(state)) {
    return (
      <div class="acts">
        <Press label={`Start ${name}`} run={() => command('worker start', { worker })}>
          Start
        </Press>
      </div>
    );
  }
  return (
    <div class="acts">
      <Press label={`Restart ${name}`} run={() => command('worker restart', { worker })}>
        Restart
      </Press>
      <Press
        label={`Stop ${name}`}
        confirm={{ question: 'It stays stopped until somebody starts it.', yes: 'Stop it' }}
        run={() => command('worker stop', { worker })}
      >
        Stop
      </Press>
    </div>
  );
}

function Logs({ worker }: { readonly worker: string }): JSX.Element {
  const [text, setText] = useState('');
  const load = async (open: boolean): Promise<void> => {
    if (open) setText((await command('worker logs', { worker, lines: 40 })).text);
  };
  return (
    <details onToggle={(event) => void load(event.currentTarget.open)}>
      <summary>Last lines of its output</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{text === '' ? 'Nothing.' : text}</pre>
    </details>
  );
}
