/** The strategies, how far each may go, and which of their rungs cannot run here. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { RungCheck, StrategyView } from '../../../../domain/controls.ts';
import type { ActionKind } from '../../../../domain/strategy.ts';
import { actionPhrase } from '../../../action-words.ts';
import { command } from '../api.ts';
import { hasRole } from '../store.ts';
import { Press } from './press.tsx';

export function Strategies({
  strategies,
  changed,
}: {
  readonly strategies: readonly StrategyView[];
  readonly changed: () => void;
}): JSX.Element {
  return (
    <>
      <h2>Strategies</h2>
      <section class="card rows strategies">
        {strategies.map((strategy) => (
          <div key={strategy.name}>
            <span>
              {strategy.name}
              <small>{strategy.matches}</small>
              <small>{strategy.rungs.join(' → ').replaceAll('_', ' ')}</small>
            </span>
            <Autonomy strategy={strategy} changed={changed} />
          </div>
        ))}
      </section>
    </>
  );
}

const AUTONOMY = [
  ['auto', 'Acts'],
  ['ask', 'Asks first'],
  ['suggest', 'Only suggests'],
  ['off', 'Off'],
] as const;

function Autonomy({
  strategy,
  changed,
}: {
  readonly strategy: StrategyView;
  readonly changed: () => void;
}): JSX.Element {
  const current = strategy.enabled ? strategy.autonomy : 'off';
  const [chosen, setChosen] = useState<string>(current);
  const name = AUTONOMY.find(([value]) => value === current)?.[1] ?? current;
  if (!hasRole('operator')) return <span class="sub">{name}</span>;
  return (
    <span class="acts">
      <select
        aria-label={`How far ${strategy.name} goes`}
        value={chosen}
        onChange={(event) => setChosen(event.currentTarget.value)}
      >
        {AUTONOMY.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      {chosen !== current && (
        <Press label={`Set ${strategy.name}`} run={() => setAutonomy(strategy, chosen)} done={changed}>
          Set
        </Press>
      )}
    </span>
  );
}

async function setAutonomy({ name, enabled }: StrategyView, chosen: string): ReturnType<typeof command> {
  if (chosen === 'off') return command('strategy disable', { strategy: name });
  const mode = await command('strategy mode', { strategy: name, mode: chosen });
  return enabled || !mode.ok ? mode : command('strategy enable', { strategy: name });
}

/** Rungs that their target cannot take, with the reason: better read now than at 04:00. */
export function Checks({ checks }: { readonly checks: readonly RungCheck[] }): JSX.Element {
  const cannot = checks.filter(({ runnable }) => !runnable);
  return (
    <>
      <h2>What cannot run here</h2>
      <section class="card">
        {cannot.length === 0 ? (
          <p class="sub">Every rung can run on every target it may meet.</p>
        ) : (
          <ul class="plain">
            {cannot.map((check) => (
              <li key={`${check.strategy}${check.rung}${check.target}`}>
                {actionPhrase(check.action as ActionKind, check.target)}{' '}
                <small>
                  in {check.strategy}: {check.reason}
                </small>
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}
