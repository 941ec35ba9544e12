<?php
// ConfirmEdit of MediaWiki: the check of its module hCaptcha, in a wiki that
// clients.sh has made. MW_CONFIG_FILE has its settings.
require_once '/usr/share/mediawiki/maintenance/Maintenance.php';

class ConfirmEdit extends Maintenance {
	public function execute() {
		$class = MediaWiki\Extension\ConfirmEdit\hCaptcha\HCaptcha::class;
		$check = new ReflectionMethod($class, 'passCaptcha');
		$check->setAccessible(true);
		$passes = $check->invoke(new $class(), '', getenv('TOKEN'));
		$this->output($passes === true ? "pass\n" : "refused\n");
	}
}

$maintClass = ConfirmEdit::class;
require_once RUN_MAINTENANCE_IF_MAIN;
