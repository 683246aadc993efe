/**
 * The healing room: anomalies in, incidents and healed targets out.
 *
 * Everything that matters is on disk before it is done or said, so that the process may die between any two lines.
 * How it decides, gate by gate, is told in docs/healing.md.
 */
import type { Anomaly } from '../domain/anomaly.ts';
import type { Actor, Approval, DecisionResult, Verdict } from '../domain/approval.ts';
import type {
  ControlResult,
  HealPlan,
  IncidentFilter,
  MaintenanceWindow,
  RungCheck,
  Silence,
  StandingChange,
  StrategyView,
  Tonight,
} from '../domain/controls.ts';
import { describeError, OpsError } from '../domain/errors.ts';
import type { Freeze, Mode } from '../domain/events.ts';
import type { Incident } from '../domain/incident.ts';
import type { ErrandAsked, ErrandRequest } from '../domain/ports.ts';
import { type Attempt, isErrand } from '../domain/strategy.ts';
import { type Ms, seconds } from '../domain/units.ts';
import { acknowledge, resolveByHand, undoByHand } from './engine/by-hand.ts';
import type { Core, GaveUp, HealerDeps } from './engine/core.ts';
import { askErrand, errandFault } from './engine/errand.ts';
import { arrivalOf } from './engine/intake-queue.ts';
import { replan } from './engine/replan.ts';
import { type HealRequest, runHeal } from './engine/run-heal.ts';
import { standingChanges } from './engine/standing.ts';
import { type Running, startHealing } from './engine/start.ts';
import { checkRungs, healHistory, healPlan, listIncidents, listStrategies, tonight } from './engine/views.ts';
import { withLine } from './incident-record.ts';
import type { SwitchOrders } from './switch-orders.ts';

export type { GaveUp, HealerDeps } from './engine/core.ts';
export type { HealRequest } from './engine/run-heal.ts';
export type { SelfState } from './guard.ts';

const WHERE: Readonly<Record<Actor['surface'], string>> = {
  slack: 'in Slack',
  discord: 'in Discord',
  web: 'in the console',
  cli: 'at the terminal',
  api: 'by the API',
  mail: 'by mail',
};

/** How long a stop waits for the action that runs. */
const STOP_WITHIN: Ms = seconds(6);

/** The facade of the room. Before `start` has resolved every call is refused with `NOT_RUNNING`. */
export interface Healer extends SwitchOrders {
  /** Opens the state, settles what a crash left behind, then begins. Calling it twice is the same promise. */
  start(): Promise<void>;
  /** Begins nothing new and waits for the running action, at most `within`; then it is cut off and on record. */
  stop(within?: Ms): Promise<void>;

  /** A confirmed anomaly; resolves when its incident is on disk. */
  consider(anomaly: Anomaly): Promise<void>;
  updated(anomaly: Anomaly): Promise<void>;
  cleared(fingerprint: string, text: string): Promise<void>;
  /** A worker its supervisor stopped for good: straight to a person. */
  workerGaveUp(event: GaveUp): Promise<void>;

  decide(approval: string, verdict: Verdict, by: Actor, reason: string): Promise<DecisionResult>;
  /** Asks for a yes for a restore or a delete; the ApprovalGate of the other rooms. */
  ask(request: ErrandRequest): Promise<ErrandAsked>;
  acknowledge(id: string, by: Actor): Promise<ControlResult>;
  resolve(id: string, by: Actor, reason: string): Promise<ControlResult>;
  runHeal(request: HealRequest, by: Actor, reason: string, dryRun: boolean): Promise<ControlResult>;
  undoHeal(id: string, by: Actor, dryRun: boolean): Promise<ControlResult>;

  incidents(filter: IncidentFilter): readonly Incident[];
  incident(id: string): Incident | undefined;
  approvals(which: 'pending' | 'all'): readonly Approval[];
  plan(id: string): HealPlan | undefined;
  history(filter: { readonly target?: string; readonly limit: number }): readonly (Attempt & {
    readonly incidentId: string;
  })[];
  strategies(): readonly StrategyView[];
  validateStrategies(): Promise<readonly RungCheck[]>;
  tonight(): Tonight;
  standing(): readonly StandingChange[];
  currentMode(): Mode;
  currentFreeze(): Freeze | null;
  silences(): readonly Silence[];
  maintenance(): readonly MaintenanceWindow[];
  /** What is wrong with healing itself; empty when all is well. */
  complaints(): readonly string[];
}

export function createHealer(deps: HealerDeps): Healer {
  let starting: Promise<void> | null = null;
  let running: Running | null = null;

  const on = (): Running => {
    if (running === null) throw new OpsError('NOT_RUNNING', 'healing has not started');
    return running;
  };

  return {
    start() {
      starting ??= startHealing(deps).then((begun) => {
        running = begun;
      });
      return starting;
    },
    stop: async (within = STOP_WITHIN) => {
      await starting?.catch(() => {}); // a start that failed leaves nothing to stop
      await running?.stop(within);
    },
    consider: async (anomaly) => on().intake.arrive({ kind: 'detected', anomaly }),
    updated: async (anomaly) => on().intake.arrive({ kind: 'updated', anomaly }),
    cleared: async (fingerprint, text) => on().intake.arrive({ kind: 'cleared', fingerprint, text }),
    workerGaveUp: async (event) => on().intake.arrive(arrivalOf(event, on().core)),
    decide: async (approval, verdict, by, reason) => decide(on(), approval, { verdict, by, reason }),
    ask: async (request) => askErrand(on().core, request),
    acknowledge: async (id, by) => acknowledge(on().core, id, by),
    resolve: async (id, by, reason) => resolveByHand(on().core, id, by, reason),
    runHeal: async (request, by, reason, dryRun) =>
      runHeal(on().core, on().queue, request, by, reason, dryRun),
    undoHeal: async (id, by, dryRun) => undoByHand(on().core, on().queue, id, by, dryRun),
    ...orders(on),
    ...views(on),
  };
}

async function decide(
  { core }: Running,
  id: string,
  press: { readonly verdict: Verdict; readonly by: Actor; readonly reason: string },
): Promise<DecisionResult> {
  const result = await core.approvals.decide(id, press, {
    soleOperator: core.deps.config.current().soleOperator,
    people: core.deps.people(),
    planFault: ({ plan }) => {
      if (isErrand(plan)) return errandFault(core.deps.errands, plan);
      const again = replan(core, plan);
      return again.kind === 'changed' ? again.reason : null;
    },
  });
  const approval = core.approvals.get(id);
  if (approval === undefined) return result;
  if (result.kind === 'accepted' || result.kind === 'one_more_needed') await tell(core, approval, press);
  core.poke(approval.incidentId);
  return result;
}

/** Who said what, and where, belongs in the thread; the decision itself is on disk before. */
async function tell(
  core: Core,
  { incidentId }: Approval,
  { verdict, by, reason }: { readonly verdict: Verdict; readonly by: Actor; readonly reason: string },
): Promise<void> {
  const said = verdict === 'approve' ? 'approved' : 'denied';
  const text = `${by.person ?? by.display} ${said} it, ${WHERE[by.surface]}${reason === '' ? '' : `: ${reason}`}.`;
  try {
    await core.incidents.change(incidentId, (record) =>
      withLine(record, core.deps.clock.now(), 'note', text),
    );
  } catch (cause) {
    core.deps.log.error('decision could not be told', { incidentId, error: describeError(cause) });
  }
}

function orders(on: () => Running): SwitchOrders {
  return {
    freeze: async (...args) => on().orders.freeze(...args),
    thaw: async (...args) => on().orders.thaw(...args),
    setMode: async (...args) => on().orders.setMode(...args),
    silence: async (...args) => on().orders.silence(...args),
    startMaintenance: async (...args) => on().orders.startMaintenance(...args),
    endMaintenance: async (...args) => on().orders.endMaintenance(...args),
    setStrategyMode: async (...args) => on().orders.setStrategyMode(...args),
    enableStrategy: async (...args) => on().orders.enableStrategy(...args),
  };
}

type Views = Pick<
  Healer,
  | 'incidents'
  | 'incident'
  | 'approvals'
  | 'plan'
  | 'history'
  | 'strategies'
  | 'validateStrategies'
  | 'tonight'
  | 'standing'
  | 'currentMode'
  | 'currentFreeze'
  | 'silences'
  | 'maintenance'
  | 'complaints'
>;

function views(on: () => Running): Views {
  return {
    incidents: (filter) => listIncidents(on().core, filter),
    incident: (id) =>
      on().core.incidents.get(id)?.incident ??
      on()
        .core.incidents.closed()
        .find((past) => past.id === id),
    approvals: (which) => on().core.approvals.list(which),
    plan: (id) => healPlan(on().core, id),
    history: (filter) => healHistory(on().core, filter),
    strategies: () => listStrategies(on().core),
    // From the last beat: it is asked by every open console, and some looks start a child process.
    validateStrategies: async () => checkRungs(on().core),
    tonight: () => tonight(on().core),
    standing: () => standingChanges(on().core),
    currentMode: () => on().core.switches.mode(),
    currentFreeze: () => on().core.switches.freeze(),
    silences: () => on().core.switches.silences(),
    maintenance: () => on().core.switches.maintenance(),
    complaints: () => on().complaints(),
  };
}
