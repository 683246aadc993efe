/** What comes next for an incident, by its state, and what follows if that does not help. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ActionKind } from '../../../../domain/strategy.ts';
import { actionPhrase } from '../../../action-words.ts';
import type { ApprovalView } from '../../../approval-views.ts';
import type { HealPlanView } from '../../../status-views.ts';
import type { IncidentView } from '../../../views.ts';
import { command } from '../api.ts';
import { hasRole } from '../store.ts';
import { Acknowledge, AskCard } from './ask-card.tsx';
import { Press } from './press.tsx';
import { When } from './when.tsx';

export interface NextStepProps {
  readonly incident: IncidentView;
  readonly plan: HealPlanView | null;
  readonly approvals: readonly ApprovalView[];
}

export function NextStep({ incident, approvals }: NextStepProps): JSX.Element {
  const pending = approvals.find(({ id, state }) => id === incident.approvalId && state === 'pending');
  return (
    <>
      <h2>{incident.state === 'resolved' ? 'How it ended' : 'Next step'}</h2>
      {pending === undefined ? <Standing incident={incident} /> : <AskCard approval={pending} brief />}
    </>
  );
}

/** What follows if that does not help, and the way out by hand; nothing once it is over. */
export function Afterwards({ incident, plan }: NextStepProps): JSX.Element | null {
  if (incident.state === 'resolved') return null;
  return (
    <>
      {plan !== null && plan.rungs.length > 0 && (
        <>
          <h2>If it does not help</h2>
          <section class="card">
            <Ladder plan={plan} />
          </section>
        </>
      )}
      {hasRole('responder') && (
        <>
          <h2>By hand</h2>
          <section class="card">
            <Resolve incident={incident.id} />
          </section>
        </>
      )}
    </>
  );
}

function Standing({ incident }: { readonly incident: IncidentView }): JSX.Element {
  const isBad = incident.state === 'escalated';
  return (
    <section class={`card ask ${isBad ? 'bad' : 'calm'}`}>
      <p>{standing(incident)}</p>
      {incident.stateDetail['retryAt'] && (
        <p class="sub">
          Looked at again at <When iso={incident.stateDetail['retryAt']} />.
        </p>
      )}
      {incident.state !== 'resolved' && (
        <div class="acts">
          <Acknowledge incident={incident.id} />
        </div>
      )}
    </section>
  );
}

function standing({ state, stateDetail: detail, word }: IncidentView): string {
  const reason = detail['reason'] ?? '';
  switch (state) {
    case 'open':
      return 'Nothing was decided yet.';
    case 'healing':
      return 'An action is under way.';
    case 'verifying':
      return 'The action is done. Fresh samples decide whether it helped.';
    case 'awaiting_approval':
      return 'It waits for a decision.';
    case 'held':
      return `Held back: ${reason}`;
    case 'escalated':
      return `People were called: ${reason}`;
    case 'resolved':
      return reason === '' ? `${word}.` : `${word}: ${reason}.`;
    default:
      return word;
  }
}

function Ladder({ plan }: { readonly plan: HealPlanView }): JSX.Element {
  const next = plan.rungs.findIndex((rung) => rung.next);
  const later = plan.rungs.slice(next + 1);
  if (later.length === 0) return <p class="sub">Then people are called, with all of this.</p>;
  return (
    <ol class="plain">
      {later.map((rung) => (
        <li key={rung.plan.rung}>
          {actionPhrase(rung.plan.action as ActionKind, rung.plan.target)}
          {rung.reason !== null && <small>not now: {rung.reason}</small>}
        </li>
      ))}
      {later.at(-1)?.plan.action !== 'alert' && <li>Then people are called, with all of this.</li>}
    </ol>
  );
}

function Resolve({ incident }: { readonly incident: string }): JSX.Element {
  const [reason, setReason] = useState('');
  return (
    <div class="field">
      <label>
        It is over because
        <input value={reason} maxLength={500} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      <Press run={() => command('resolve', { id: incident, reason })}>Resolve</Press>
    </div>
  );
}
