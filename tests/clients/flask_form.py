# Flask-WTF: a form with a RecaptchaField.
import os
import urllib.error

import flask
import flask_wtf

app = flask.Flask("client")
app.config.update(
    SECRET_KEY="of the session",
    RECAPTCHA_PUBLIC_KEY="forum",
    RECAPTCHA_PRIVATE_KEY=os.environ["SECRET"],
    RECAPTCHA_VERIFY_SERVER=os.environ["URL"] + "/recaptcha/api/siteverify",
)


class Form(flask_wtf.FlaskForm):
    recaptcha = flask_wtf.RecaptchaField()


with app.test_request_context(
    "/", method="POST", data={"g-recaptcha-response": os.environ["TOKEN"]}
):
    form = Form(meta={"csrf": False})
    try:
        if form.validate():
            print("pass")
        else:
            print("refused", *form.recaptcha.errors)
    except urllib.error.URLError as error:
        print("error", type(error).__name__)
