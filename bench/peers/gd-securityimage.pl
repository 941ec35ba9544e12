# GD::SecurityImage (Debian: libgd-securityimage-perl): PNG by GD, with a font
# file, lines and turned letters, as its manual shows, but without particles,
# which cost ten times as much and at this size leave nothing to read.
#
#	perl gd-securityimage.pl SECONDS DIR
#
# As svg-captcha.js.
use strict;
use warnings;
use GD::SecurityImage;

my ($seconds, $dir) = @ARGV;
my $font = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf';
my @letters = split //, 'ABCEMNPRSTUWXZ';

sub draw {
    my ($i) = @_;
    my $text = join '', map { $letters[rand @letters] } 1 .. 5 + $i % 2;
    my $image = GD::SecurityImage->new(width => 240, height => 80,
        rndmax => 5, ptsize => 24, lines => 10, font => $font, scramble => 1);
    $image->random($text)->create(ttf => 'default');
    return ($image->out(force => 'png'))[0];
}

sub cpu_seconds {
    my ($user, $system) = times;
    return $user + $system;
}

sub draw_for {
    my ($seconds) = @_;
    my ($began, $pictures, $bytes) = (cpu_seconds(), 0, 0);
    $bytes += length draw($pictures++)
        while cpu_seconds() - $began < $seconds;
    return ($pictures, $bytes, cpu_seconds() - $began);
}

for my $i (0 .. 19) {
    open my $f, '>:raw', "$dir/$i.png" or die "$dir/$i.png: $!\n";
    print $f draw($i);
    close $f or die "$dir/$i.png: $!\n";
}
draw_for($seconds / 5);
my ($pictures, $bytes, $cpu) = draw_for($seconds);
open my $status, '<', '/proc/self/status' or die "status: $!\n";
my ($peak) = map { /^VmHWM:\s*(\d+)/ ? $1 : () } <$status>;
printf '{"pictures":%d,"cpu_seconds":%.3f,"per_cpu_second":%.0f,'
    . '"mean_bytes":%.0f,"resident_kb":%d}' . "\n",
    $pictures, $cpu, $pictures / $cpu, $bytes / $pictures, $peak;
