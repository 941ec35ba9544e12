<?php
/*
 * Gregwar/Captcha (Debian: php-gregwar-captcha): JPEG by GD. Default options
 * but for the size and the number of letters.
 *
 *	php gregwar-captcha.php SECONDS DIR
 *
 * As svg-captcha.js.
 */
require 'Gregwar/Captcha/autoload.php';

use Gregwar\Captcha\CaptchaBuilder;
use Gregwar\Captcha\PhraseBuilder;

/* Of its own, its list of fonts has only those that are installed. */
function draw(int $i): string
{
    $phrases = new PhraseBuilder(5 + $i % 2);
    return (new CaptchaBuilder(null, $phrases))->build(240, 80)->get();
}

function cpu_seconds(): float
{
    $u = getrusage();
    return $u['ru_utime.tv_sec'] + $u['ru_stime.tv_sec'] +
        ($u['ru_utime.tv_usec'] + $u['ru_stime.tv_usec']) / 1e6;
}

function draw_for(float $seconds): array
{
    $began = cpu_seconds();
    $pictures = $bytes = 0;
    while (cpu_seconds() - $began < $seconds)
        $bytes += strlen(draw($pictures++));
    return [$pictures, $bytes, cpu_seconds() - $began];
}

for ($i = 0; $i < 20; $i++)
    file_put_contents("$argv[2]/$i.jpg", draw($i));
draw_for($argv[1] / 5);
[$pictures, $bytes, $seconds] = draw_for($argv[1]);
preg_match('/VmHWM:\s*(\d+)/', file_get_contents('/proc/self/status'), $peak);
echo json_encode([
    'pictures' => $pictures,
    'cpu_seconds' => round($seconds, 3),
    'per_cpu_second' => (int) round($pictures / $seconds),
    'mean_bytes' => (int) round($bytes / $pictures),
    'resident_kb' => (int) $peak[1],
]), "\n";
