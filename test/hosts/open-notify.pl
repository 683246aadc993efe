# What `OpenFile=/run/systemd/notify:notify` does from systemd 253 on, for older ones: a connected descriptor 3, then the program.
use strict;
use POSIX qw(dup2);
use Socket;
socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
connect($socket, pack_sockaddr_un($ENV{NOTIFY_SOCKET})) or die "connect: $!";
dup2(fileno($socket), 3) or die "dup2: $!" if fileno($socket) != 3;
$^F = 3;
require Fcntl;
open(my $three, '>&=', 3) or die "fd 3: $!";
fcntl($three, Fcntl::F_SETFD(), 0) or die "fcntl: $!";
@ENV{qw(LISTEN_PID LISTEN_FDS LISTEN_FDNAMES)} = ($$, 1, 'notify');
exec(@ARGV) or die "exec: $!";
