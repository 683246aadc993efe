/**
 * What waits for a person: exactly what will run, why, what was tried, what undoes it, and what silence means. The
 * buttons carry the approval's id alone; the server decides by its own record.
 */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ActionKind } from '../../../../domain/strategy.ts';
import { actionPhrase } from '../../../action-words.ts';
import type { ApprovalView } from '../../../approval-views.ts';
import { command, decide } from '../api.ts';
import { hasRole, liveIncidents, status } from '../store.ts';
import { Press } from './press.tsx';
import { When } from './when.tsx';

interface AskProps {
  readonly approval: ApprovalView;
  /** On the incident's own page the evidence is above already. */
  readonly brief?: boolean;
}

export function AskCard({ approval, brief = false }: AskProps): JSX.Element {
  const { plan } = approval;
  const title = actionPhrase(plan.action as ActionKind, plan.target);
  return (
    <section class="card ask" aria-label={`Decision: ${title}`}>
      <h3>{brief ? title : <a href={`/incidents/${approval.incidentId}`}>{title}?</a>}</h3>
      {!brief && <p class="sub">{[approval.why, approval.tried].filter(Boolean).join(' ')}</p>}
      <p class="plan">
        <code>{plan.effect}</code> <span>{planFacts(approval)}</span>
      </p>
      <Decide approval={approval} />
    </section>
  );
}

function planFacts({ plan, approversNeeded, decisions }: ApprovalView): string {
  return [
    `on ${status.value?.host ?? 'this host'}`,
    `undo: ${plan.undo ?? 'none'}`,
    `${plan.attempt} of ${plan.attemptsAllowed} attempts this hour`,
    ...(approversNeeded > 1 ? [`${decisions.length} of ${approversNeeded} people said yes`] : []),
  ].join(' · ');
}

function Decide({ approval }: { readonly approval: ApprovalView }): JSX.Element {
  const [reason, setReason] = useState('');
  const silence = (
    <span class="sub num">
      No answer by <When iso={approval.expiresAt} /> means no.
    </span>
  );
  if (!hasRole('approver')) return <p class="sub">An approver decides. {silence}</p>;
  return (
    <>
      <div class="acts">
        <Press go run={() => decide(approval.id, 'approve', reason)}>
          Approve
        </Press>
        <Press run={() => decide(approval.id, 'deny', reason)}>Deny</Press>
        <Acknowledge incident={approval.incidentId} />
        {silence}
      </div>
      <details>
        <summary>Add a reason</summary>
        <label>
          For the audit log
          <input value={reason} maxLength={500} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
      </details>
    </>
  );
}

/** Stops repeats until something changes. */
export function Acknowledge({ incident }: { readonly incident: string }): JSX.Element | null {
  const known = liveIncidents.value.find(({ id }) => id === incident);
  if (known === undefined || !hasRole('responder')) return null;
  if (known.acknowledgedBy !== null) return <span class="sub">Acknowledged by {known.acknowledgedBy}.</span>;
  return <Press run={() => command('ack', { id: incident })}>Acknowledge</Press>;
}
