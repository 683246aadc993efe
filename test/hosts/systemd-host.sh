#!/bin/sh
# Boots a second systemd as process 1 of namespaces of its own. Run as root, with a folder that both sides see:
#   unshare --fork --pid --mount --uts --ipc --net --cgroup --mount-proc test/hosts/systemd-host.sh FOLDER
# The bus of that systemd is then FOLDER/system_bus_socket. Fresh tmpfs on /run, /tmp and /var/tmp come before it
# starts: its clean-up empties those folders, and they must not be the real ones.
set -eu
shared="$1"
mount --make-rprivate /
mount --bind "$shared" /mnt
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs -o mode=1777 tmpfs /var/tmp
if [ -d /etc/polkit-1/rules.d ]; then mount -t tmpfs -o mode=755 tmpfs /etc/polkit-1/rules.d; fi
mkdir -p /run/lock /run/systemd/system /run/dbus
mount --bind /mnt /run/dbus
for unit in systemd-journald.service systemd-journald.socket systemd-journald-dev-log.socket \
  systemd-journald-audit.socket systemd-journal-flush.service systemd-udevd.service systemd-networkd.service \
  systemd-resolved.service systemd-timesyncd.service systemd-logind.service; do
  ln -sf /dev/null "/run/systemd/system/$unit"
done
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=docker \
  /lib/systemd/systemd --system --unit=basic.target --log-target=null --show-status=no
