# Captcha::reCAPTCHA: check_answer_v2, which looks for the text `success": true`.
use strict;
use warnings;
use Captcha::reCAPTCHA;

my $answer = Captcha::reCAPTCHA->new->check_answer_v2($ENV{SECRET},
	$ENV{TOKEN}, '203.0.113.9');
if ($answer->{is_valid}) {
	print "pass\n";
} elsif ($answer->{error} =~ /"error-codes": \["([a-z-]*)"\]/) {
	print "refused $1\n";
} else {
	print "error\n";
}
