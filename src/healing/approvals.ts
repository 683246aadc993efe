/**
 * Approvals, kept over restarts. A yes counts once and is used once: both are a compare-and-set that is on disk
 * before anything follows from it. Time runs on while the process is down.
 */
import type { Actor, Approval, ApprovalState, DecisionResult } from '../domain/approval.ts';
import type { AuditLog, Clock, EventBus, Logger, Random, StateStore } from '../domain/ports.ts';
import type { WorkPlan } from '../domain/strategy.ts';
import { after, approvalId, hours, type Ms } from '../domain/units.ts';
import { aboutApproval, reportPress, writeApproval } from './approval-report.ts';
import { type ApprovalRecord, type Judged, judgePress, type Press } from './approval-rules.ts';
import { type ApprovalData, ApprovalDataShape } from './approval-shapes.ts';
import type { Deadlines } from './deadlines.ts';
import { openStored, type Stored } from './stored.ts';

const ID_BYTES = 16;
const DECIDED_KEPT = 300;
const LONGEST: Ms = hours(24);

export interface ApprovalsDeps {
  readonly states: StateStore;
  readonly clock: Clock;
  readonly bus: EventBus;
  readonly log: Logger;
  readonly audit: AuditLog;
  readonly random: Random;
  readonly deadlines: Deadlines;
}

export interface ApprovalRequest {
  readonly plan: WorkPlan;
  readonly why: string;
  readonly tried: string;
  readonly requestedBy: Actor | null;
  readonly approversNeeded: 1 | 2;
  readonly expiresIn: Ms;
}

/** What holds at the moment of a press; read inside the compare-and-set. */
export interface PressRules {
  readonly soleOperator: boolean;
  readonly people: number;
  planFault(approval: Approval): string | null;
}

export interface Approvals {
  /** On disk when it resolves; nobody is told yet. */
  ask(request: ApprovalRequest): Promise<Approval>;
  get(id: string): Approval | undefined;
  list(which: 'pending' | 'all'): readonly Approval[];
  decide(id: string, press: Press, rules: PressRules): Promise<DecisionResult>;
  /** Uses up a yes. True once; false for everybody after, and for what is not approved. */
  take(id: string): Promise<boolean>;
  isTaken(id: string): boolean;
  /** Ends one that was not used, with the reason people will read. */
  void(id: string, reason: string): Promise<void>;
  /** Ends those whose time is over and tells so; a yes that was not used in time is void. */
  expire(): Promise<readonly Approval[]>;
  readonly stored: Stored<ApprovalData>;
}

/** @throws OpsError `STATE_UNWRITABLE` from every change; then nothing was decided. */
export async function openApprovals(deps: ApprovalsDeps): Promise<Approvals> {
  const stored = await openStored(deps.states, 'approvals', ApprovalDataShape, { approvals: [] });
  const find = (id: string): ApprovalRecord | undefined =>
    stored.value.approvals.find(({ approval }) => approval.id === id);
  const isExpired = ({ id, expiresAt }: Approval): boolean =>
    // The wall clock can only shorten it: set back, the monotonic one still counts.
    deps.clock.now() >= expiresAt || deps.deadlines.isOver(`approval:${id}`, expiresAt, LONGEST);

  return {
    stored,
    get: (id) => find(id)?.approval,
    list: (which) =>
      stored.value.approvals
        .map(({ approval }) => approval)
        .filter(({ state }) => which === 'all' || state.kind === 'pending'),
    isTaken: (id) => (find(id)?.takenAt ?? null) !== null,
    async ask(request) {
      const approval = await ask(request, stored, deps);
      isExpired(approval); // from here on its time is counted by the monotonic clock
      return approval;
    },
    decide: (id, press, rules) => decide(id, press, rules, { stored, deps, isExpired }),
    take: (id) => take(id, stored, deps, isExpired),
    void: (id, reason) => end(id, { kind: 'void', at: deps.clock.now(), reason }, stored, deps),
    expire: () => expire({ stored, deps, isExpired }),
  };
}

interface Inside {
  readonly stored: Stored<ApprovalData>;
  readonly deps: ApprovalsDeps;
  isExpired(approval: Approval): boolean;
}

async function ask(
  request: ApprovalRequest,
  stored: Stored<ApprovalData>,
  { clock, random }: ApprovalsDeps,
): Promise<Approval> {
  const now = clock.now();
  const { expiresIn, ...shown } = request;
  const approval: Approval = {
    ...shown,
    id: approvalId(random.hex(ID_BYTES)),
    incidentId: request.plan.incidentId,
    requestedAt: now,
    expiresAt: after(now, expiresIn),
    decisions: [],
    state: { kind: 'pending' },
  };
  await stored.update((data) => ({ approvals: [...bounded(data.approvals), { approval, takenAt: null }] }));
  return approval;
}

async function decide(id: string, press: Press, rules: PressRules, inside: Inside): Promise<DecisionResult> {
  const { stored, deps } = inside;
  let judged: Judged | null = null;
  await change(stored, id, (record) => {
    judged = judgePress(record, press, {
      now: deps.clock.now(),
      isExpired: inside.isExpired(record.approval),
      soleOperator: rules.soleOperator,
      people: rules.people,
      planFault: record.approval.state.kind === 'pending' ? rules.planFault(record.approval) : null,
    });
    return withJudged(record, judged);
  });
  const approval = stored.value.approvals.find((record) => record.approval.id === id)?.approval;
  return reportPress(approval, press, judged, deps);
}

function withJudged(record: ApprovalRecord, judged: Judged): ApprovalRecord {
  const { approval } = record;
  switch (judged.kind) {
    case 'refused':
      return record;
    case 'ended':
      return { ...record, approval: { ...approval, state: judged.state } };
    case 'counted':
      return {
        ...record,
        approval: { ...approval, state: judged.state, decisions: [...approval.decisions, judged.decision] },
      };
  }
}

async function take(
  id: string,
  stored: Stored<ApprovalData>,
  { clock }: ApprovalsDeps,
  isExpired: (approval: Approval) => boolean,
): Promise<boolean> {
  let taken = false;
  await change(stored, id, (record) => {
    const { approval, takenAt } = record;
    taken = approval.state.kind === 'approved' && takenAt === null && !isExpired(approval);
    return taken ? { ...record, takenAt: clock.now() } : record;
  });
  return taken;
}

async function expire({ stored, deps, isExpired }: Inside): Promise<readonly Approval[]> {
  const at = deps.clock.now();
  const late = stored.value.approvals.filter(
    ({ approval, takenAt }) => takenAt === null && isExpired(approval),
  );
  const due = late.filter(({ approval }) => approval.state.kind === 'pending');
  for (const { approval } of due) await end(approval.id, { kind: 'expired', at }, stored, deps);
  const unused = late.filter(({ approval }) => approval.state.kind === 'approved');
  for (const { approval } of unused) {
    await end(approval.id, { kind: 'void', at, reason: 'it could not run in time' }, stored, deps);
  }
  return [...due, ...unused].map(({ approval }) => approval);
}

/** Ends what still waits, or what was granted and not used. */
async function end(
  id: string,
  state: Extract<ApprovalState, { kind: 'expired' | 'void' }>,
  stored: Stored<ApprovalData>,
  deps: ApprovalsDeps,
): Promise<void> {
  let ended: Approval | null = null;
  await change(stored, id, (record) => {
    const { approval } = record;
    if (approval.state.kind !== 'pending' && approval.state.kind !== 'approved') return record;
    ended = { ...approval, state };
    return { ...record, approval: ended };
  });
  if (ended === null) return;
  const reason = state.kind === 'void' ? state.reason : 'no answer in time, which means no';
  await writeApproval(
    deps,
    aboutApproval(ended, null, `${state.kind === 'void' ? 'Void' : 'Expired'}: ${reason}`),
  );
  if (state.kind === 'expired') deps.bus.publish({ type: 'action.expired', approval: ended });
}

async function change(
  stored: Stored<ApprovalData>,
  id: string,
  edit: (record: ApprovalRecord) => ApprovalRecord,
): Promise<void> {
  await stored.update((data) => {
    const at = data.approvals.findIndex(({ approval }) => approval.id === id);
    const before = data.approvals[at];
    const next = before === undefined ? undefined : edit(before);
    return next === undefined || next === before ? data : { approvals: data.approvals.with(at, next) };
  });
}

/** Pending ones and the newest of the others. */
function bounded(records: readonly ApprovalRecord[]): readonly ApprovalRecord[] {
  const decided = records.filter(({ approval }) => approval.state.kind !== 'pending').slice(-DECIDED_KEPT);
  return records.filter((record) => record.approval.state.kind === 'pending' || decided.includes(record));
}
