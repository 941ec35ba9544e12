<?php
// A contact form with a captcha, verified on the server. Needs no JavaScript
// and no extension of PHP. To try it:
//
//     CAPTCHA_TRUSTED_PROXIES="127.0.0.1 ::1" script/server
//     SERVICE_URL=http://127.0.0.1:8080/captcha php -S 127.0.0.1:8000 contact.php
declare(strict_types=1);

// Where the captcha service is, as this server reaches it.
define('SERVICE', getenv('SERVICE_URL') ?: 'http://127.0.0.1/captcha');
// Texts for visitors; the file has more languages.
$texts = json_decode(file_get_contents(__DIR__ . '/../messages.json'), true)['en'];

// Call the service for the visitor: whether the status is 200, and the answer.
// The service limits visitors, so tell it whose request this is. Its setting
// trusted_proxies has to list this server.
function call(string $path, ?array $fields = null): array
{
    $visitor = ($_SERVER['HTTP_X_FORWARDED_FOR'] ?? '') . ', ' . $_SERVER['REMOTE_ADDR'];
    $stream = @fopen(SERVICE . $path, 'r', false, stream_context_create(['http' => [
        'method' => $fields ? 'POST' : 'GET', 'timeout' => 5, 'ignore_errors' => true,
        'header' => "X-Forwarded-For: $visitor\r\nContent-Type: application/x-www-form-urlencoded",
        'content' => http_build_query($fields ?? [])]]));
    $answer = $stream ? json_decode(stream_get_contents($stream), true) : null;
    $is_200 = $stream && str_contains(stream_get_meta_data($stream)['wrapper_data'][0], ' 200 ');
    return [$is_200 && is_array($answer), $answer];
}

function field(string $name): string
{
    $value = $_POST[$name] ?? '';
    return is_string($value) ? $value : '';
}

function html(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES);
}

$says = '';
$accepted = false;
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    [$ok, $checked] = call('/verification/check', ['pid' => field('pid'), 'code' => field('code')]);
    $accepted = $ok && ($checked['success'] ?? null) === true; // nothing else is a yes
    $error = $checked['error-codes'][0] ?? 'unavailable';
    if (!$accepted) {
        http_response_code(['too-many-requests' => 429, 'unavailable' => 503][$error] ?? 422);
        $says = 'Not sent. ' . $texts['errors'][$error];
    }
}
if ($accepted) {
    // Send the message here: field('message').
    $says = 'Thank you, your message was sent.';
} else {
    [$ok, $captcha] = call('/verification/get'); // a new one for each showing
    $captcha = $ok ? $captcha : [];
    $says = $says ?: ($captcha ? '' : $texts['errors']['no-picture']);
}
header('Cache-Control: no-store'); // a cached page has a used captcha
?>
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Contact</title>
<p role="status"><?= html($says) ?></p>
<?php if (!$accepted): ?>
<form method="post">
<p><label>Message<br><textarea name="message" required>
<?= html(field('message')) ?></textarea></label></p>
<?php if ($captcha): ?>
<p><img src="<?= html($captcha['img']) ?>" width="<?= $captcha['width'] ?>" height="<?= $captcha['height'] ?>" alt="Captcha"></p>
<input type="hidden" name="pid" value="<?= html($captcha['pid']) ?>">
<p><label><?= html($texts['labels'][$captcha['kind']]) ?>
<input name="code" maxlength="64" autocomplete="off" required></label></p>
<?php endif ?>
<p><button>Send</button></p>
</form>
<?php endif ?>
