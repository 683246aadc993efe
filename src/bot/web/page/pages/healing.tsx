/** What healing may do, what it did, and the two switches above it all: mode and freeze. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { RungCheck, StrategyView } from '../../../../domain/controls.ts';
import type { ActionKind } from '../../../../domain/strategy.ts';
import { actionPhrase } from '../../../action-words.ts';
import type { AttemptView } from '../../../views.ts';
import type { FeedStatus } from '../../feed-views.ts';
import { command } from '../api.ts';
import { Press } from '../parts/press.tsx';
import { Checks, Strategies } from '../parts/strategies.tsx';
import { When } from '../parts/when.tsx';
import { Word } from '../parts/word.tsx';
import { hasRole, liveIncidents, status } from '../store.ts';
import { useLoaded } from '../use-loaded.ts';
import { attemptWord } from '../words.ts';

interface HealingAnswer {
  readonly strategies: readonly StrategyView[];
  readonly history: readonly (AttemptView & { readonly incidentId: string })[];
  readonly checks: readonly RungCheck[];
}

export function Healing(): JSX.Element {
  const [round, setRound] = useState(0);
  const changes = liveIncidents.value.map(({ id, version }) => `${id}${version}`).join();
  const loaded = useLoaded<HealingAnswer>('/api/healing', `${round}/${changes}`);
  const known = status.value;
  return (
    <>
      <h1>{known?.mode === 'production' ? 'Healing acts on its own.' : 'Healing only proposes.'}</h1>
      <p class="sub">Inside its limits: one action at a time, and critical targets only with a yes.</p>
      {known !== null && <Switches status={known} />}
      {loaded.kind === 'failed' && <p class="sub">{loaded.reason}</p>}
      {loaded.kind === 'here' && (
        <>
          <History history={loaded.value.history} />
          <Strategies strategies={loaded.value.strategies} changed={() => setRound(round + 1)} />
          <Checks checks={loaded.value.checks} />
        </>
      )}
    </>
  );
}

function Switches({ status: { mode, freeze } }: { readonly status: FeedStatus }): JSX.Element {
  const may = { mode: hasRole('operator'), freeze: hasRole('responder') };
  return (
    <div class="pair">
      <section class="card switch">
        <h2>Mode</h2>
        <p>{mode === 'production' ? 'Production' : 'Dry run'}</p>
        <p class="sub">
          {mode === 'production' ? 'It acts inside its limits.' : 'It watches, proposes and changes nothing.'}
        </p>
        {may.mode && (mode === 'production' ? <ToDryRun /> : <ToProduction />)}
      </section>
      <section class="card switch">
        <h2>Freeze</h2>
        {freeze === null ? (
          <>
            <p>Not frozen</p>
            <p class="sub">A freeze stops all acting from any door, and ends by itself.</p>
            {may.freeze && <Freeze />}
          </>
        ) : (
          <>
            <p>
              Frozen until <When iso={freeze.until} />
            </p>
            <p class="sub">
              By {freeze.by}: {freeze.reason}. Scope: {freeze.scope}.
            </p>
            {may.freeze && (
              <div class="acts">
                <Press run={() => command('thaw')}>Thaw</Press>
              </div>
            )}
          </>
        )}
      </section>
    </div>
  );
}

function ToProduction(): JSX.Element {
  return (
    <div class="acts">
      <Press
        confirm={{ question: 'From now on it restarts and clears things by itself.', yes: 'Let it act' }}
        run={() => command('mode production')}
      >
        Switch to production
      </Press>
    </div>
  );
}

function ToDryRun(): JSX.Element {
  return (
    <div class="acts">
      <Press
        confirm={{ question: 'From now on it only says what it would do.', yes: 'Only propose' }}
        run={() => command('mode dry-run')}
      >
        Switch to dry run
      </Press>
    </div>
  );
}

const SPANS = [
  ['1h', '1 hour'],
  ['4h', '4 hours'],
  ['12h', '12 hours'],
  ['3d', '3 days'],
  ['7d', '7 days'],
] as const;

function Freeze(): JSX.Element {
  const [span, setSpan] = useState<string>('1h');
  const [reason, setReason] = useState('');
  return (
    <div class="field">
      <label>
        For
        <select value={span} onChange={(event) => setSpan(event.currentTarget.value)}>
          {SPANS.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        Because
        <input value={reason} maxLength={200} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      <Press
        run={() =>
          command('freeze', {
            scope: 'all',
            for: span,
            ...(reason.trim() !== '' && { reason: reason.trim() }),
          })
        }
      >
        Freeze
      </Press>
    </div>
  );
}

function History({ history }: { readonly history: HealingAnswer['history'] }): JSX.Element {
  return (
    <>
      <h2>What was done lately</h2>
      {history.length === 0 ? (
        <section class="card">
          <p class="sub">Nothing yet.</p>
        </section>
      ) : (
        <section class="card rows">
          {history.slice(0, 30).map((attempt) => (
            <a key={attempt.actionId} href={`/incidents/${attempt.incidentId}`}>
              <span class="when num">
                <When iso={attempt.startedAt} />
              </span>
              <span>
                {actionPhrase(attempt.action as ActionKind, attempt.target)}
                <small>{[attempt.effect, attempt.outcomeDetail].filter(Boolean).join(' · ')}</small>
              </span>
              <Word {...attemptWord(attempt)} />
            </a>
          ))}
        </section>
      )}
    </>
  );
}
