<?php
// google/recaptcha by one of its transports: Post, CurlPost or SocketPost.
require '/usr/share/php/ReCaptcha/autoload.php';

$url = getenv('URL') . '/recaptcha/api/siteverify';
$methods = [
	'Post' => fn() => new ReCaptcha\RequestMethod\Post($url),
	'CurlPost' => fn() => new ReCaptcha\RequestMethod\CurlPost(null, $url),
	'SocketPost' => fn() => new ReCaptcha\RequestMethod\SocketPost(),
];
$recaptcha = new ReCaptcha\ReCaptcha(getenv('SECRET'), $methods[$argv[1]]());
$answer = $recaptcha->setExpectedHostname('captcha.example.org')
	->setChallengeTimeout(60)->verify(getenv('TOKEN'), '203.0.113.9');
if ($answer->isSuccess()) {
	echo "pass\n";
} else {
	echo 'refused ', implode(' ', $answer->getErrorCodes()), "\n";
}
