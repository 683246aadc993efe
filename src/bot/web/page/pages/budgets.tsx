/** Use against budget, what is throttled, the busy hours of the week, and suggestions to say yes or no to. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type {
  BudgetPageView,
  BudgetView,
  ForecastView,
  SuggestionView,
  ThrottleView,
} from '../../../budget-views.ts';
import { command } from '../api.ts';
import { tell } from '../parts/notice.tsx';
import { Press } from '../parts/press.tsx';
import { WeekMap } from '../parts/week-map.tsx';
import { When } from '../parts/when.tsx';
import { Word } from '../parts/word.tsx';
import { hasRole, status } from '../store.ts';
import { useLoaded } from '../use-loaded.ts';
import { countWords } from '../words.ts';

export function Budgets(): JSX.Element {
  const [round, setRound] = useState(0);
  const loaded = useLoaded<BudgetPageView>('/api/budget', `${round}/${status.value?.now ?? ''}`);
  const again = (): void => setRound((before) => before + 1);
  if (loaded.kind === 'loading') return <h1>Budgets</h1>;
  if (loaded.kind === 'failed') {
    return (
      <>
        <h1>Budgets</h1>
        <p class="sub">{loaded.reason}</p>
      </>
    );
  }
  const page = loaded.value;
  return (
    <>
      <h1>{headline(page.budgets)}</h1>
      <section class="card rows" aria-label="Use against budget">
        {page.budgets.map((budget) => (
          <BudgetRow key={`${budget.target}/${budget.resource}`} budget={budget} />
        ))}
      </section>
      {hasRole('operator') && <SetBudget done={again} />}
      {page.throttle.map((state) => (
        <Throttle key={state.target ?? ''} state={state} />
      ))}
      <Forecasts all={page.forecasts} />
      <Suggestions all={page.suggestions} done={again} />
      <h2>Busy hours of the week</h2>
      {page.profiles.length === 0 && <p class="sub">Nothing was learnt yet.</p>}
      {page.profiles.map((profile) => (
        <WeekMap key={profile.metric} profile={profile} />
      ))}
    </>
  );
}

function headline(budgets: readonly BudgetView[]): string {
  const over = budgets.filter(({ state }) => state === 'over').length;
  if (budgets.length === 0) return 'No budget is set.';
  if (over > 0) return `${countWords(over, 'budget is', 'budgets are')} exceeded.`;
  return budgets.some(({ state }) => state === 'unknown')
    ? 'Not all use is known.'
    : 'Everything is within its budget.';
}

function BudgetRow({ budget }: { readonly budget: BudgetView }): JSX.Element {
  const { target, resource, used, limit, state, until, source, by } = budget;
  const unit = resource === 'messages' ? 'an hour' : '%';
  const name = `${resource} of ${target ?? 'this host'}`;
  return (
    <div>
      <span>
        {name}
        <small>
          {source === 'set' ? `set by ${by}` : 'as configured'}
          {until !== null && (
            <>
              {' until '}
              <When iso={until} />
            </>
          )}
        </small>
      </span>
      <meter aria-label={name} min={0} max={Math.max(limit, used ?? 0)} high={limit} value={used ?? 0} />
      <span class="num value">
        {used === null ? <Word word="Unknown" /> : `${used} of ${limit} ${unit}`}
        {state === 'over' && <Word word="Over" tone="warn" />}
      </span>
    </div>
  );
}

function SetBudget({ done }: { readonly done: () => void }): JSX.Element {
  const [fields, setFields] = useState({ cpu: '', memory: '', target: '', for: '' });
  const send = async (): Promise<void> => {
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
    tell(await command('budget set', given));
    done();
  };
  const field = (name: keyof typeof fields, label: string, hint: string): JSX.Element => (
    <label>
      {label}
      <input
        value={fields[name]}
        placeholder={hint}
        onInput={(event) => setFields({ ...fields, [name]: event.currentTarget.value })}
      />
    </label>
  );
  return (
    <form
      class="field"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {field('cpu', 'CPU percent', '80')}
      {field('memory', 'Memory percent', '70')}
      {field('target', 'Target', 'whole host')}
      {field('for', 'For', 'until it is reset')}
      <button type="submit">Set budget</button>
      <Press run={() => command('budget reset')} done={done}>
        As configured
      </Press>
    </form>
  );
}

function Throttle({ state }: { readonly state: ThrottleView }): JSX.Element {
  return (
    <section class="card" aria-label="Throttle">
      <div class="title">
        <h3>{`Throttle of ${state.target ?? 'this host'}: ${state.words}`}</h3>
        <Word word={state.acting ? 'Healing' : 'Held'} />
      </div>
      <p class="sub num">
        {`${state.reason}. Batch tasks ${state.batchPercent > 0 ? 'may start' : 'wait'}, queues keep ${state.queuePercent} % of their places.`}
        {!state.acting && ' Only proposed: nothing is slowed now.'}
      </p>
      {state.steps.map((step) => (
        <p key={step.target + step.effect} class="sub">{`${step.target}: ${step.effect} (${step.state})`}</p>
      ))}
    </section>
  );
}

function Forecasts({ all }: { readonly all: readonly ForecastView[] }): JSX.Element | null {
  if (all.length === 0) return null;
  return (
    <>
      <h2>Ahead</h2>
      <section class="card rows">
        {all.map((one) => (
          <div key={one.subject}>
            <span>{one.text}</span>
            {one.warns && <Word word="Soon" tone="warn" />}
          </div>
        ))}
      </section>
    </>
  );
}

function Suggestions({
  all,
  done,
}: {
  readonly all: readonly SuggestionView[];
  readonly done: () => void;
}): JSX.Element | null {
  const shown = all.filter(({ state }) => state === 'open' || state === 'accepted');
  if (shown.length === 0) return null;
  return (
    <>
      <h2>Width of normal</h2>
      {shown.map((one) => (
        <section key={one.id} class="card">
          <p>{`${one.metric}, ${one.hours}: ${one.sigmas.toFixed(1)}σ, because ${one.reason}.`}</p>
          <p class="sub num">
            {one.state === 'open'
              ? `Now ${one.from.toFixed(1)}σ · ${one.id}`
              : `In force, accepted by ${one.by}`}
          </p>
          {hasRole('operator') && (
            <div class="acts">
              {one.state === 'open' && (
                <Press go run={() => command('optimize accept', { suggestion: one.id })} done={done}>
                  Accept
                </Press>
              )}
              <Press run={() => command('optimize reject', { suggestion: one.id })} done={done}>
                {one.state === 'open' ? 'Reject' : 'Take back'}
              </Press>
            </div>
          )}
        </section>
      ))}
    </>
  );
}
