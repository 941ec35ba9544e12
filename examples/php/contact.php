<?php
// A contact form with a captcha, verified on the server. Needs no JavaScript
// and no extension of PHP. To try it, beside script/server:
//
//     SERVICE_URL=http://127.0.0.1:8080/captcha php -S 127.0.0.1:8000 contact.php
declare(strict_types=1);

// Where the captcha service is, as this server reaches it.
define('SERVICE', getenv('SERVICE_URL') ?: 'http://127.0.0.1/captcha');

// Call the service: its answer, or null when there is no usable answer.
function call(string $path, ?array $fields = null): ?array
{
    $http = ['timeout' => 5, 'method' => $fields ? 'POST' : 'GET'];
    if ($fields) {
        $http['header'] = 'Content-Type: application/x-www-form-urlencoded';
        $http['content'] = http_build_query($fields);
    }
    // false without an answer, and for a status that is not 2xx
    $body = @file_get_contents(SERVICE . $path, false,
                               stream_context_create(['http' => $http]));
    $answer = $body === false ? null : json_decode($body, true);
    return is_array($answer) ? $answer : null;
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
    $checked = call('/verification/check',
                    ['pid' => field('pid'), 'code' => field('code')]);
    // Only a clear yes counts. No answer is a no, and so is another form.
    $accepted = $checked !== null && ($checked['success'] ?? null) === true;
    if ($checked === null) {
        http_response_code(503);
        $says = 'Not sent: the characters cannot be checked just now. '
            . 'Try again in a minute.';
    } elseif (!$accepted) {
        http_response_code(422);
        $says = 'Not sent: that is not what the picture said, '
            . 'or it is too old. Here is a new one.';
    }
}
if ($accepted) {
    // Send the message here: field('message').
    $says = 'Thank you, your message was sent.';
} else {
    $captcha = call('/verification/get'); // a new one for each showing
    $says = $says ?: ($captcha ? '' : 'The form is out of order just now.');
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
<p><label>Message<br><textarea name="message" required><?= html(field('message')) ?></textarea></label></p>
<p><img src="<?= html($captcha['img'] ?? '') ?>" width="240" height="80" alt="Captcha: distorted characters to type"></p>
<input type="hidden" name="pid" value="<?= html($captcha['pid'] ?? '') ?>">
<p><label>Characters in the picture <input name="code" maxlength="64" autocomplete="off" required></label></p>
<p><button>Send</button></p>
</form>
<?php endif ?>
