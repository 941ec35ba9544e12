<?php
// The server side of ../form.html, in short.
//
//     CAPTCHA_TRUSTED_PROXIES="127.0.0.1 ::1" script/server
//     SERVICE_URL=http://127.0.0.1:8080/captcha php -S 127.0.0.1:8000 short.php
$service = getenv('SERVICE_URL') ?: 'http://127.0.0.1/captcha';

$visitor = ($_SERVER['HTTP_X_FORWARDED_FOR'] ?? '') . ', ' . $_SERVER['REMOTE_ADDR'];
$answer = @file_get_contents("$service/verification/check", false,
    stream_context_create(['http' => ['method' => 'POST', 'timeout' => 5,
        'header' => "X-Forwarded-For: $visitor\r\nContent-Type: application/x-www-form-urlencoded",
        'content' => http_build_query(['pid' => $_POST['pid'] ?? '', 'code' => $_POST['code'] ?? ''])]]));
$accepted = $answer !== false && (json_decode($answer, true)['success'] ?? null) === true;
http_response_code($accepted ? 200 : 422);
echo $accepted ? 'Sent.' : 'Not sent: the code was wrong, too old, or could not be checked.';
