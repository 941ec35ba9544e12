// go-recaptcha: Confirm, which parses challenge_ts.
package main

import (
	"fmt"
	"os"

	"github.com/dpapathanasiou/go-recaptcha"
)

func main() {
	recaptcha.Init(os.Getenv("SECRET"))
	passes, err := recaptcha.Confirm("203.0.113.9", os.Getenv("TOKEN"))
	switch {
	case err != nil:
		fmt.Println("error")
	case passes:
		fmt.Println("pass")
	default:
		fmt.Println("refused")
	}
}
