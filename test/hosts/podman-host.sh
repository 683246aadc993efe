#!/bin/sh
# Serves a Docker Engine API from podman, with images and containers of its own. Run as root, with an empty folder:
#   unshare -m test/hosts/podman-host.sh FOLDER
# The API is then FOLDER/docker.sock, the image is `patient` (busybox alone). A machine with mixed control groups
# gets the unified tree over them, in this mount namespace only.
set -eu
folder="$1"
mount --make-rprivate /
umount -R /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 none /sys/fs/cgroup
mkdir -p "$folder/image/bin" "$folder/image/tmp"
cp /bin/busybox "$folder/image/bin/busybox"
for applet in sh sleep true false kill; do ln -sf busybox "$folder/image/bin/$applet"; done
podman="podman --root $folder/root --runroot $folder/run --tmpdir $folder/tmp --runtime crun --cgroup-manager cgroupfs --events-backend file"
tar -C "$folder/image" -c . | $podman import - patient >/dev/null
exec $podman system service --time=0 "unix://$folder/docker.sock"
