/** The gateway of the Discord double: HELLO, IDENTIFY, heartbeats, RESUME, dispatch; and its bad weather. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';

/** Only the intents that the documentation names unprivileged and that this bot may ask for. */
const KNOWN_INTENTS = 0b11_1111_1111_1111_1111_1111_1111;
const PRIVILEGED = (1 << 1) | (1 << 8) | (1 << 15);

interface Session {
  readonly id: string;
  seq: number;
  readonly events: { readonly s: number; readonly t: string; readonly d: unknown }[];
  link: Link | null;
}

interface Link {
  readonly socket: WebSocket;
  readonly raw: Socket;
  session: Session | null;
}

export interface GatewayDouble {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** To every session; kept for those that resume. */
  dispatch(t: string, d: unknown): void;
  ready(): number;
  readonly identifies: () => number;
  readonly resumes: () => number;
  drop(): void;
  freeze(): void;
  reconnect(): void;
  invalidSession(): void;
  close(code: number): void;
  refuse(yes: boolean): void;
  /** A frame as Discord should never send it. */
  sendRaw(text: string): void;
  withholdHello(yes: boolean): void;
  withholdResumed(yes: boolean): void;
  forgetSessions(): void;
  shut(): void;
}

export function createGatewayDouble(deps: {
  readonly token: string;
  readonly heartbeatMs: number;
  readonly url: () => string;
  readonly hello: () => { readonly user: unknown; readonly application: string; readonly guild: unknown };
}): GatewayDouble {
  const wss = new WebSocketServer({ noServer: true });
  const sessions = new Map<string, Session>();
  const links = new Set<Link>();
  let refused = false;
  let helloWithheld = false;
  let resumedWithheld = false;
  let closeNextIdentify: number | null = null;
  let identifies = 0;
  let resumes = 0;

  function onSocket(socket: WebSocket, raw: Socket): void {
    const link: Link = { socket, raw, session: null };
    links.add(link);
    socket.on('close', () => leave(link));
    socket.on('error', () => leave(link));
    socket.on('message', (data) => onMessage(link, JSON.parse(String(data)) as { op: number; d: unknown }));
    if (!helloWithheld) send(link, { op: 10, d: { heartbeat_interval: deps.heartbeatMs } });
  }

  function leave(link: Link): void {
    links.delete(link);
    if (link.session?.link === link) link.session.link = null;
  }

  function onMessage(link: Link, { op, d }: { op: number; d: unknown }): void {
    if (link.raw.isPaused()) return;
    if (op === 1) send(link, { op: 11 });
    else if (op === 2) identify(link, d as Record<string, unknown>);
    else if (op === 6) resume(link, d as { token: string; session_id: string; seq: number });
    else if (link.session === null) link.socket.close(4003, 'Not authenticated.');
  }

  function identify(link: Link, d: Record<string, unknown>): void {
    identifies += 1;
    const intents = Number(d['intents']);
    const fatal =
      closeNextIdentify ??
      (d['token'] === deps.token ? null : 4004) ??
      (Number.isInteger(intents) && (intents & ~KNOWN_INTENTS) === 0 ? null : 4013) ??
      ((intents & PRIVILEGED) === 0 ? null : 4014);
    closeNextIdentify = null;
    if (fatal !== null) {
      link.socket.close(fatal, 'refused');
      return;
    }
    const session: Session = { id: randomUUID().replaceAll('-', ''), seq: 0, events: [], link };
    sessions.set(session.id, session);
    link.session = session;
    const { user, application, guild } = deps.hello();
    const guildId = (guild as { id: string }).id;
    emit(session, 'READY', {
      v: 10,
      user,
      guilds: [{ id: guildId, unavailable: true }],
      session_id: session.id,
      resume_gateway_url: deps.url(),
      application: { id: application, flags: 0 },
      shard: [0, 1],
    });
    if ((intents & 1) === 1) emit(session, 'GUILD_CREATE', guild);
  }

  function resume(link: Link, d: { token: string; session_id: string; seq: number }): void {
    const session = sessions.get(d.session_id);
    if (d.token !== deps.token || session === undefined) {
      send(link, { op: 9, d: false });
      return;
    }
    resumes += 1;
    session.link = link;
    link.session = session;
    for (const event of session.events) if (event.s > d.seq) send(link, { op: 0, ...event });
    if (!resumedWithheld) emit(session, 'RESUMED', {});
  }

  function emit(session: Session, t: string, d: unknown): void {
    session.seq += 1;
    const event = { s: session.seq, t, d };
    session.events.push(event);
    if (session.link !== null) send(session.link, { op: 0, ...event });
  }

  function send(link: Link, payload: object): void {
    if (link.socket.readyState === WebSocket.OPEN && !link.raw.isPaused())
      link.socket.send(JSON.stringify(payload));
  }

  return {
    upgrade(request, socket, head) {
      if (refused) socket.destroy();
      else wss.handleUpgrade(request, socket, head, (ws) => onSocket(ws, socket as Socket));
    },
    dispatch(t, d) {
      for (const session of sessions.values()) emit(session, t, d);
    },
    ready: () => [...links].filter(({ session }) => session !== null).length,
    identifies: () => identifies,
    resumes: () => resumes,
    drop() {
      for (const { raw } of links) raw.resetAndDestroy();
    },
    freeze() {
      for (const { raw } of links) raw.pause();
    },
    reconnect() {
      for (const link of links) send(link, { op: 7, d: null });
    },
    invalidSession() {
      sessions.clear();
      for (const link of links) send(link, { op: 9, d: false });
    },
    close(code) {
      if (links.size === 0) closeNextIdentify = code;
      for (const { socket } of links) socket.close(code, 'told to');
    },
    refuse(yes) {
      refused = yes;
    },
    sendRaw(text) {
      for (const { socket } of links) socket.send(text);
    },
    withholdHello(yes) {
      helloWithheld = yes;
    },
    withholdResumed(yes) {
      resumedWithheld = yes;
    },
    forgetSessions: () => sessions.clear(),
    shut() {
      for (const { socket } of links) socket.terminate();
      wss.close();
    },
  };
}
