/** Every span of the chat surfaces in one place, with its reason. Tests run the same code with shorter ones. */
import { type Ms, minutes, seconds } from '../domain/units.ts';

export interface SurfaceTiming {
  /** A worker thread says that its loop turns this often. */
  readonly beatEvery: Ms;
  /** A thread that was silent for this long hangs and is ended. */
  readonly hungAfter: Ms;
  /** How long `start` may take until the first connection stands or failed. */
  readonly startWithin: Ms;
  /** A clean goodbye to the platform; then the thread is ended anyway. */
  readonly stopWithin: Ms;
  /** Every other request to the thread. Longer than the SDK's own limit, so that it can say why. */
  readonly answerWithin: Ms;
  /** A picture goes in several calls, and Slack needs a while until it can be shown. */
  readonly pictureWithin: Ms;
  /** Slack: an uploaded file is looked for again after this. */
  readonly fileReadyEvery: Ms;
  /** A command or press may take this long; the platforms take answers for 15 minutes (Discord). */
  readonly replyWithin: Ms;
  /** A dead thread is rebuilt after this, doubling … */
  readonly rebuildFrom: Ms;
  /** … up to this, and from the start again once a thread has lived this long. */
  readonly rebuildUpTo: Ms;
  /** Shorter losses are the platforms' daily routine and are not told. */
  readonly degradedAfter: Ms;
  readonly downAfter: Ms;
  /** One call of an SDK to its platform. */
  readonly callWithin: Ms;
  /** A revoked token is noticed after this at the latest, traffic or not. */
  readonly checkEvery: Ms;
  /** While calls fail, the platform is asked this often whether it is back. */
  readonly probeEvery: Ms;
  /** Socket opened, hello not come. */
  readonly helloWithin: Ms;
  /** No message, ping or pong for this long: the socket is dead whatever it says. */
  readonly quietFor: Ms;
  /** Slack: a ping of ours that is not answered by then means a dead socket; asked three times as often. */
  readonly pongWithin: Ms;
  readonly reconnectFrom: Ms;
  readonly reconnectUpTo: Ms;
  /** The platform holds too many of our sockets. */
  readonly crowdedFor: Ms;
  /** Refused credentials are asked for once more after this, before we give up on them. */
  readonly confirmAfter: Ms;
  /** Discord: not READY or RESUMED for this long ends the thread. */
  readonly deafFor: Ms;
  /** Discord: a heartbeat (every 41 s) that is not acknowledged by then means a dead socket. */
  readonly ackWithin: Ms;
  /** Discord: the same card is edited this often at most, unless its state changed. */
  readonly editEvery: Ms;
}

export const SURFACE_TIMING: SurfaceTiming = {
  beatEvery: seconds(5),
  hungAfter: seconds(20),
  startWithin: seconds(25),
  stopWithin: seconds(3),
  answerWithin: seconds(15),
  pictureWithin: seconds(18),
  fileReadyEvery: seconds(2),
  replyWithin: minutes(14),
  rebuildFrom: seconds(1),
  rebuildUpTo: seconds(60),
  degradedAfter: seconds(10),
  downAfter: seconds(60),
  callWithin: seconds(10),
  checkEvery: seconds(60),
  probeEvery: seconds(15),
  helloWithin: seconds(15),
  quietFor: seconds(60),
  pongWithin: seconds(12),
  reconnectFrom: seconds(1),
  reconnectUpTo: seconds(15),
  crowdedFor: seconds(30),
  confirmAfter: seconds(5),
  deafFor: minutes(2),
  ackWithin: seconds(75),
  editEvery: seconds(15),
};
