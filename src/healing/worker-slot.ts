/**
 * One instance of a worker from birth to death and back: the only writer of its record.
 *
 * Everything happens in turn (one queue an instance), so an exit, an order and a timer never meet. An exit is on
 * disk before anything is started again, and one that cannot be written holds the restart back: a full disk must
 * not turn a counted crash loop into an uncounted one.
 */
import { assertNever, describeError } from '../domain/errors.ts';
import { after, type Ms, minutes, ms, seconds } from '../domain/units.ts';
import type { WorkerChange, WorkerStatus } from '../domain/worker.ts';
import type { Adoption } from './adoption.ts';
import { probationAfter } from './restart-window.ts';
import { createTurns, type Turns } from './turns.ts';
import type { SlotName } from './worker-book.ts';
import { createExitLedger, type ExitLedger, howItEnded } from './worker-exits.ts';
import { launchWorker, saveRun } from './worker-launch.ts';
import { done, failed, type Life, refused, type SlotOrder, STUCK, statusOf } from './worker-life.ts';
import { followRun, isGone, type LiveWorker, type SlotDeps } from './worker-process.ts';
import type { RunningRun } from './worker-record.ts';
import type { WorkerConfig } from './workers-config.ts';

/** Between two tries at something that the machine or its disk refused. */
const RETRY: Ms = seconds(5);
/** How soon a thaw is noticed. */
const FROZEN_LOOK: Ms = seconds(1);

/** Made by the supervisor alone. */
export class WorkerSlot {
  readonly name: SlotName;
  readonly #deps: SlotDeps;
  readonly #ledger: ExitLedger;
  /** As it was when it was last started or found, for the day when it is configured no more. */
  #config: WorkerConfig;
  #life: Life = { kind: 'resting', reason: 'the bot is starting' };
  readonly #inTurn: Turns;
  #left = false;

  constructor(name: SlotName, config: WorkerConfig, deps: SlotDeps) {
    this.name = name;
    this.#config = config;
    this.#deps = deps;
    this.#ledger = createExitLedger(name, deps);
    this.#inTurn = createTurns((cause) => {
      deps.log.error('worker turn failed', { worker: name.worker, error: describeError(cause) });
    });
  }

  status(): WorkerStatus {
    return statusOf(this.name, this.#life, this.#ledger.all(), this.#deps);
  }

  /** At the start of the bot: takes over what lives, counts what died meanwhile, starts what should run. */
  wake(adoption: Adoption): Promise<void> {
    return this.#inTurn(async () => {
      switch (adoption.kind) {
        case 'adopt':
          await saveRun(this.name, adoption.run, this.#deps);
          await this.#take(adoption.run, true);
          return;
        case 'doubtful':
          this.#life = { kind: 'resting', reason: adoption.reason };
          return this.#deps.notices.doubtful(this.name, adoption.reason);
        case 'ended':
          return this.#afterExit(adoption.pid, 'ended while the bot was away', adoption.lived);
        case 'none':
          return this.#begin('the bot started');
        default:
          return assertNever(adoption);
      }
    });
  }

  /** Starts it now, whatever delay was running; harmless where it runs. */
  start(order: SlotOrder): Promise<WorkerChange> {
    return this.#inTurn(() => this.#launch(order));
  }

  /** Ends it and all that grew out of it. Whether it stays so is for the orders on record. */
  stop(order: SlotOrder): Promise<WorkerChange> {
    return this.#inTurn(() => this.#end(order, minutes(10)));
  }

  restart(order: SlotOrder): Promise<WorkerChange> {
    return this.#inTurn(async () => {
      const ended = await this.#end(order, minutes(10));
      return ended.kind === 'done' ? this.#launch(order) : ended;
    });
  }

  /** A person starts it anew: what it did before counts no more. */
  forgive(): void {
    this.#ledger.forget();
  }

  /** The bot goes: from here on nothing is started. `end` ends the worker with it, else the worker stays. */
  leave(end: { readonly atMost: Ms } | null): Promise<void> {
    this.#left = true;
    return this.#inTurn(async () => {
      if (end !== null) await this.#end({ by: 'nightshift', why: 'the bot stops' }, end.atMost);
      if (this.#life.kind === 'waiting') this.#life.cancel();
      if (this.#life.kind === 'alive') this.#life.worker.unwatch();
    });
  }

  /** Looks whether a process still lives of whose end nobody tells us. */
  lookAfter(): void {
    const life = this.#life;
    if (life.kind === 'alive' && life.worker.adopted && life.worker.isGone()) {
      void this.#inTurn(() => this.#onExit(life.worker, 'ended (an earlier bot started it: no exit code)'));
    }
    if (life.kind === 'stuck' && isGone(life.run, this.#deps.processes)) {
      void this.#inTurn(() => this.#unstick(life));
    }
  }

  /** An automatic start: only where nobody ordered otherwise. */
  async #begin(why: string): Promise<void> {
    const { book, frozen } = this.#deps;
    if (this.#left || this.#life.kind === 'alive') return;
    if (this.#ledger.hasUnsaved()) return this.#settle('exited');
    if (book.slot(this.name).gaveUp !== null || book.orders(this.name.worker).stopped !== null) return;
    if (frozen()) return this.#wait(FROZEN_LOOK, 'frozen: nothing is started until the freeze ends', why);
    await this.#launch({ by: 'nightshift', why });
  }

  async #launch(order: SlotOrder): Promise<WorkerChange> {
    const config = this.#deps.configOf(this.name.worker);
    if (config === undefined) return refused('it is not in workers.json any more');
    if (this.#left) return refused('the bot is stopping');
    if (this.#life.kind === 'alive') return done(`already runs as pid ${this.#life.worker.run.pid}`);
    if (this.#life.kind === 'stuck') return failed(STUCK);
    if (this.#life.kind === 'waiting') this.#life.cancel();
    this.#life = { kind: 'resting', reason: 'it is being started' };
    this.#config = config;

    const launch = await launchWorker({ name: this.name, config, ...order }, this.#deps);
    switch (launch.kind) {
      case 'started': {
        const worker = await this.#take(launch.run, false);
        void launch.exited.then((exit) => this.#inTurn(() => this.#onExit(worker, howItEnded(exit))));
        return done(`runs as pid ${launch.run.pid}`);
      }
      case 'not_now':
        this.#wait(RETRY, launch.reason, order.why);
        return failed(launch.reason);
      case 'failed':
        await this.#afterExit(null, `could not be started: ${launch.reason}`, ms(0));
        return failed(launch.reason);
      default:
        return assertNever(launch);
    }
  }

  async #take(run: RunningRun, adopted: boolean): Promise<LiveWorker> {
    const { name } = this;
    const { notices } = this.#deps;
    const worker = followRun(
      {
        name,
        run,
        adopted,
        config: this.#config,
        probation: probationAfter(this.#ledger.all(), this.#config.restart),
        onHealth: (from, to) => void notices.health(name, run.pid, from, to),
      },
      this.#deps,
    );
    this.#life = { kind: 'alive', worker };
    await notices.started(name, run.pid, adopted);
    return worker;
  }

  async #onExit(worker: LiveWorker, how: string): Promise<void> {
    if (this.#left || this.#life.kind !== 'alive' || this.#life.worker !== worker) return;
    worker.unwatch();
    this.#life = { kind: 'resting', reason: how };
    const uptime = worker.uptime();
    const swept = await worker.sweep();
    if (swept.kind === 'still_there') {
      this.#deps.log.warn('worker left processes behind', { worker: this.name.worker, pids: swept.pids });
    }
    await this.#afterExit(worker.run.pid, how, uptime);
  }

  async #afterExit(pid: number | null, how: string, uptime: Ms): Promise<void> {
    this.#ledger.add(how, uptime);
    this.#life = { kind: 'resting', reason: how };
    await this.#deps.notices.exited(this.name, pid, how);
    await this.#settle(how);
  }

  /** Saves and judges the exits; only then a successor is thought of. */
  async #settle(how: string): Promise<void> {
    const verdict = await this.#ledger.settle(this.#config.restart);
    switch (verdict.kind) {
      case 'unsaved':
        return this.#wait(RETRY, verdict.reason, `it ${how}`);
      case 'give_up':
        this.#life = { kind: 'resting', reason: verdict.reason };
        return this.#deps.notices.gaveUp(this.name, verdict.reason, this.#ledger.all());
      case 'restart':
        if (verdict.delay <= 0) return this.#begin(`it ${how}`);
        return this.#wait(verdict.delay, how, `it ${how}`);
      default:
        return assertNever(verdict);
    }
  }

  async #end(order: SlotOrder, atMost: Ms): Promise<WorkerChange> {
    const life = this.#life;
    if (life.kind === 'stuck') return failed(STUCK);
    if (life.kind === 'waiting') life.cancel();
    if (life.kind !== 'alive') {
      this.#life = { kind: 'resting', reason: order.why };
      return done('was not running');
    }
    return this.#endAlive(life.worker, order, atMost);
  }

  async #endAlive(worker: LiveWorker, order: SlotOrder, atMost: Ms): Promise<WorkerChange> {
    const { run } = worker;
    worker.unwatch();
    this.#life = { kind: 'ending', run };
    await saveRun(this.name, { ...run, phase: 'ending' }, this.#deps);
    const ending = await worker.end(this.#config, atMost);
    if (ending.kind === 'still_there') {
      this.#life = { kind: 'stuck', run, since: this.#deps.clock.now() };
      await this.#deps.notices.stuck(this.name, ending.pids);
      return failed(STUCK);
    }
    this.#life = { kind: 'resting', reason: order.why };
    await saveRun(this.name, null, this.#deps);
    await this.#deps.notices.stopped(this.name, run.pid, ending.killed, order.by);
    return done(`pid ${run.pid} ended${ending.killed ? ' by SIGKILL' : ''}`);
  }

  async #unstick(stuck: Life): Promise<void> {
    if (this.#life !== stuck) return;
    this.#life = { kind: 'resting', reason: 'it ended at last' };
    await saveRun(this.name, null, this.#deps);
    await this.#begin('its predecessor has ended at last');
  }

  #wait(span: Ms, reason: string, why: string): void {
    if (this.#left) return;
    const { clock } = this.#deps;
    const cancel = clock.in(span, () => void this.#inTurn(() => this.#begin(why)));
    this.#life = { kind: 'waiting', until: after(clock.now(), span), reason, cancel };
  }
}
