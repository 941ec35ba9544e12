<?php
// A contact form with a captcha. Needs no extension of PHP. To try it:
//
//     script/server
//     SITE_SECRET=$(build/captchactl site show default --secret --config var/captcha.conf) \
//         SERVICE_URL=http://127.0.0.1:8080/captcha php -S 127.0.0.1:8000 contact.php
declare(strict_types=1);

// Where the service is, for browsers and for this program.
$service = getenv('SERVICE_URL') ?: 'http://127.0.0.1/captcha';

// Whether a visitor earned this token: yes once, and no when nobody can say.
function verify(string $service, string $token): bool
{
    $answer = @file_get_contents("$service/siteverify", false, stream_context_create(['http' => [
        'method' => 'POST', 'timeout' => 5,
        'header' => 'Content-Type: application/x-www-form-urlencoded',
        'content' => http_build_query(['secret' => getenv('SITE_SECRET'), 'response' => $token])]]));
    return $answer !== false && (json_decode($answer, true)['success'] ?? null) === true;
}

function field(string $name): string
{
    $value = $_POST[$name] ?? '';
    return is_string($value) ? $value : '';
}

$is_sent = $_SERVER['REQUEST_METHOD'] === 'POST';
$is_accepted = $is_sent && verify($service, field('captcha-response'));
$says = '';
if ($is_accepted) {
    $says = 'Thank you, your message was sent.'; // send field('message') here
} elseif ($is_sent) {
    http_response_code(422);
    $says = 'Not sent. Please answer the captcha again.';
}
?>
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Contact</title>
<script src="<?= $service ?>/widget.js" defer></script>
<p role="status"><?= $says ?></p>
<?php if (!$is_accepted): ?>
<form method="post">
<p><label>Message<br><textarea name="message" required>
<?= htmlspecialchars(field('message')) ?></textarea></label></p>
<captcha-box sitekey="default" required>
<a href="<?= $service ?>/recaptcha/api/fallback?k=default" target="_blank">Show that you are human</a>
</captcha-box>
<noscript><p><label>and copy the text here:<br>
<textarea name="captcha-response"></textarea></label></p></noscript>
<p><button>Send</button></p>
</form>
<?php endif ?>
