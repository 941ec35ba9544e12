# deploy/deploy
