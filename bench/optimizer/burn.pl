# One task: takes so much processor time, and writes when it began to work and when it had done it.
# burn.pl LOG CLASS ID MILLISECONDS
use strict;
use warnings;
use Time::HiRes qw(time clock);
my ($log, $class, $id, $ms) = @ARGV;
my $from = time;
my $begun = clock;
my $x = 0;
while (clock() - $begun < $ms / 1000) { $x = ($x * 1103515245 + 12345) % 2147483648 for 1 .. 500 }
open(my $out, '>>', $log) or die;
syswrite($out, sprintf("%s %s %.6f %.6f\n", $class, $id, $from, time));
