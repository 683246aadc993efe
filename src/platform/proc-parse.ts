/**
 * The texts of /proc to numbers. Pure. What a text does not say is `null`, never 0.
 *
 * Counters (cpu, traffic, pressure totals) only grow; a rate is the difference of two readings over the time
 * between them, and a counter that fell (a reboot, a device that came back) gives no rate.
 */
import { type Bytes, bytes, type Ms, ms, type Ratio, ratio } from '../domain/units.ts';

const SECTOR_BYTES = 512;
/** Virtual devices carry again what the real ones below them carry. */
const VIRTUAL_INTERFACE =
  /^(?:lo|veth|docker|br-|virbr|cni|flannel|cali|tun|tap|dummy|ifb|kube|vnet|podman|bond|team)|[.@]/;
const VIRTUAL_DISK = /^(?:loop|ram|zram|dm-|md|sr|fd)\d/;
const PARTITION = /^(?<disk>(?:sd|vd|xvd|hd)[a-z]+|(?:nvme\d+n\d+|mmcblk\d+|nbd\d+)(?=p))p?\d+$/;

/** Time of all cores together, in clock ticks since boot. */
export interface CpuTimes {
  readonly busy: number;
  readonly total: number;
  readonly cores: number;
}

export interface MemoryState {
  readonly total: Bytes;
  readonly available: Bytes;
  readonly swapTotal: Bytes;
  readonly swapFree: Bytes;
}

/** Totals since boot over the real devices. */
export interface Traffic {
  readonly received: Bytes;
  readonly sent: Bytes;
}

export interface DiskTraffic {
  readonly read: Bytes;
  readonly written: Bytes;
}

export interface LoadState {
  readonly oneMinute: number;
  /** Threads of the whole system. */
  readonly threads: number;
}

/** Share of time in which some task waited for the resource, over 10 s; the total is since boot. */
export interface Pressure {
  readonly some: Ratio;
  /** In which all waited; `null` where the kernel does not say. */
  readonly full: Ratio | null;
  readonly someTotal: Ms;
}

export interface Mount {
  readonly device: string;
  readonly path: string;
  readonly type: string;
}

export function parseCpu(text: string): CpuTimes | null {
  const times = /^cpu +(.+)$/m.exec(text)?.[1]?.split(' ').map(Number);
  if (times === undefined || times.length < 4 || times.some(Number.isNaN)) return null;
  // Guest time is part of user time already: the first eight are all there is.
  const total = times.slice(0, 8).reduce((sum, ticks) => sum + ticks, 0);
  const idle = (times[3] ?? 0) + (times[4] ?? 0);
  return { busy: total - idle, total, cores: text.match(/^cpu\d/gm)?.length ?? 1 };
}

/** Share of all cores that was busy between two readings; `null` when no time lies between them. */
export function busyBetween(before: CpuTimes, after: CpuTimes): Ratio | null {
  const total = after.total - before.total;
  const busy = after.busy - before.busy;
  return total <= 0 || busy < 0 ? null : ratio(Math.min(1, busy / total));
}

/** Growth of a counter over a span, a second; `null` when it fell or no time lies between. */
export function ratePerSecond(before: number, after: number, span: Ms): number | null {
  return span <= 0 || after < before ? null : ((after - before) * 1_000) / span;
}

export function parseMemory(text: string): MemoryState | null {
  const size = (name: string): Bytes | null => {
    const kilobytes = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1];
    return kilobytes === undefined ? null : bytes(Number(kilobytes) * 1_024);
  };
  const [total, available] = [size('MemTotal'), size('MemAvailable')];
  const [swapTotal, swapFree] = [size('SwapTotal'), size('SwapFree')];
  if (total === null || available === null || swapTotal === null || swapFree === null) return null;
  return total === 0 ? null : { total, available, swapTotal, swapFree };
}

export function parseLoad(text: string): LoadState | null {
  const match = /^([\d.]+) [\d.]+ [\d.]+ \d+\/(\d+) /.exec(text);
  return match === null ? null : { oneMinute: Number(match[1]), threads: Number(match[2]) };
}

export function parseNetwork(text: string): Traffic | null {
  const lines = [...text.matchAll(/^ *([^\s:]+): *(\d+)((?: +\d+){7}) +(\d+)/gm)];
  if (lines.length === 0) return null;
  const real = lines.filter(([, name]) => !VIRTUAL_INTERFACE.test(name ?? ''));
  const sum = (column: number): Bytes => bytes(real.reduce((total, line) => total + Number(line[column]), 0));
  return { received: sum(2), sent: sum(4) };
}

export function parseDisks(text: string): DiskTraffic | null {
  const lines = text.split('\n').map((line) => line.trim().split(/ +/));
  const names = new Set(lines.map((line) => line[2] ?? ''));
  const whole = lines.filter(([, , name = '']) => {
    const disk = PARTITION.exec(name)?.groups?.['disk'];
    return name !== '' && !VIRTUAL_DISK.test(name) && (disk === undefined || !names.has(disk));
  });
  if (whole.length === 0) return null;
  const sum = (column: number): Bytes =>
    bytes(whole.reduce((total, line) => total + Number(line[column] ?? 0) * SECTOR_BYTES, 0));
  return { read: sum(5), written: sum(9) };
}

export function parsePressure(text: string): Pressure | null {
  const some = /^some avg10=([\d.]+) .*total=(\d+)$/m.exec(text);
  if (some === null) return null;
  const full = /^full avg10=([\d.]+) /m.exec(text)?.[1];
  return {
    some: ratio(Number(some[1]) / 100),
    full: full === undefined ? null : ratio(Number(full) / 100),
    someTotal: ms(Number(some[2]) / 1_000),
  };
}

export function parseMounts(text: string): readonly Mount[] {
  return text
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields.length >= 4)
    .map(([device = '', path = '', type = '']) => ({
      device: unescapeOctal(device),
      path: unescapeOctal(path),
      type,
    }));
}

/** Spaces and the like stand as `\040` in the mount table. */
function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
}
