/** Queues with their brakes, and the tasks in them: what waits in order, what runs, what died. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { QueueJson, TaskJson } from '../../../queue-views.ts';
import { command } from '../api.ts';
import { Press } from '../parts/press.tsx';
import { When } from '../parts/when.tsx';
import { Word } from '../parts/word.tsx';
import { hasRole, now } from '../store.ts';
import { useLoaded } from '../use-loaded.ts';
import { countWords, taskWord } from '../words.ts';

/** How often the page asks again: what it shows is ten seconds old at most. */
const ASK_EVERY_MS = 10_000;
const SHOWN = 100;

interface TasksAnswer {
  readonly queues: readonly QueueJson[];
  readonly tasks: readonly TaskJson[];
  readonly total: number | null;
  readonly unknown: readonly string[];
}

export function Tasks(): JSX.Element {
  const [round, setRound] = useState(0);
  const turn = Math.floor(now.value / ASK_EVERY_MS);
  const loaded = useLoaded<TasksAnswer>(`/api/tasks?limit=${SHOWN}`, `${round}/${turn}`);
  const again = (): void => setRound(round + 1);
  if (loaded.kind === 'loading') return <h1>Tasks</h1>;
  if (loaded.kind === 'failed') {
    return (
      <>
        <h1>Tasks</h1>
        <p class="sub">{loaded.reason}</p>
      </>
    );
  }
  const { queues, tasks, total, unknown } = loaded.value;
  return (
    <>
      <h1>{headline(queues)}</h1>
      <p class="sub">Critical tasks first; batch work gives way, and runs at last.</p>
      <h2>Queues</h2>
      {queues.map((queue) => (
        <QueueCard key={queue.queue} queue={queue} again={again} />
      ))}
      <h2>Tasks</h2>
      {unknown.map((reason) => (
        <p class="sub" key={reason}>
          Unknown: {reason}
        </p>
      ))}
      {tasks.length === 0 && <p class="sub">No tasks.</p>}
      {tasks.length > 0 && (
        <section class="card rows audit" aria-label="Tasks">
          {tasks.map((task) => (
            <TaskRow key={task.id} task={task} again={again} />
          ))}
        </section>
      )}
      {total !== null && total > tasks.length && <p class="sub num">{total - tasks.length} more.</p>}
    </>
  );
}

function headline(queues: readonly QueueJson[]): string {
  const known = queues.filter(({ depth }) => depth !== null);
  const waiting = known.reduce((sum, { depth }) => sum + (depth ?? 0), 0);
  const rest = known.length === queues.length ? '' : ', and not every queue answers';
  return `${countWords(waiting, 'task waits', 'tasks wait')}${rest}.`;
}

function QueueCard({ queue, again }: { readonly queue: QueueJson; readonly again: () => void }): JSX.Element {
  return (
    <section class="card worker" aria-label={queue.queue}>
      <div class="title">
        <h3>{queue.queue}</h3>
        <Word {...queueWord(queue)} />
      </div>
      <p class="sub num">{queue.depth === null ? queue.reason : figures(queue)}</p>
      {hasRole('operator') && queue.depth !== null && <Brakes queue={queue} again={again} />}
    </section>
  );
}

function queueWord({ depth, paused, draining, stuck }: QueueJson): Parameters<typeof Word>[0] {
  if (depth === null) return { word: 'Unknown', tone: 'none' };
  if (stuck !== null && stuck > 0) return { word: 'Stuck', tone: 'crit' };
  if (paused === true) return { word: 'Paused', tone: 'warn' };
  return draining === true ? { word: 'Takes nothing new', tone: 'warn' } : { word: 'Running', tone: 'ok' };
}

function figures(queue: QueueJson): string {
  const { depth, oldestSeconds, running, ratePerMinute, dead, stuck, workers, reason } = queue;
  const oldest = oldestSeconds === null || oldestSeconds < 1 ? '' : `oldest ${Math.round(oldestSeconds)} s`;
  return [
    `${depth} waiting`,
    oldest,
    `${running ?? 'unknown'} running`,
    `${ratePerMinute ?? 'unknown'} a minute`,
    `${dead ?? 'unknown'} dead`,
    stuck !== null && stuck > 0 ? `${stuck} stuck` : '',
    workers === null ? '' : `${workers} workers`,
    ...queue.held.map((held) => `${held.class} put off`),
    reason,
  ]
    .filter(Boolean)
    .join(' · ');
}

function Brakes({
  queue: { queue, paused, draining, stuck },
  again,
}: {
  readonly queue: QueueJson;
  readonly again: () => void;
}): JSX.Element {
  return (
    <div class="acts">
      {paused === true || draining === true ? (
        <Press label={`Resume ${queue}`} run={() => command('queue resume', { queue })} done={again}>
          Resume
        </Press>
      ) : (
        <Press
          label={`Pause ${queue}`}
          confirm={{ question: 'Nothing of it starts until it is resumed.', yes: 'Pause it' }}
          run={() => command('queue pause', { queue })}
          done={again}
        >
          Pause
        </Press>
      )}
      {stuck !== null && stuck > 0 && (
        <Press
          label={`Free what is stuck in ${queue}`}
          run={() => command('queue redistribute', { queue })}
          done={again}
        >
          Free what is stuck
        </Press>
      )}
    </div>
  );
}

function TaskRow({ task, again }: { readonly task: TaskJson; readonly again: () => void }): JSX.Element {
  const open = task.state === 'waiting' || task.state === 'delayed' || task.state === 'running';
  const values = Object.entries(task.variables).map(([name, value]) => `${name}=${value}`);
  const progress = task.progress === null ? '' : `${Math.round(task.progress * 100)} %`;
  return (
    <div>
      <span class="when num">
        <When iso={task.time} />
        <small>{task.queue}</small>
      </span>
      <span>
        {task.task} <Word {...taskWord(task.state)} /> {progress}
        <small>{[task.id, task.class ?? '', ...values, task.reason].filter(Boolean).join(' · ')}</small>
        {open && hasRole('operator') && (
          <Press label={`Cancel ${task.id}`} run={() => command('task cancel', { id: task.id })} done={again}>
            Cancel
          </Press>
        )}
      </span>
    </div>
  );
}
