"""Secrets Manager: the one operation that the source document uses."""


def run(t):
    secrets = t.service("secretsmanager")
    password = secrets.ok("GetRandomPassword", PasswordLength=6, ExcludePunctuation=True, ExcludeUppercase=True)
    t.check(str(password["RandomPassword"]).isalnum() and len(str(password["RandomPassword"])) == 6, str(password))
    secrets.no("InvalidParameterException", 400, "GetRandomPassword", ExcludeLowercase=True, ExcludeUppercase=True,
               ExcludeNumbers=True, ExcludePunctuation=True)
