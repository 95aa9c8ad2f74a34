// Command load reads a Compose file as Docker Compose does, with the library that Docker Compose is made of, and
// prints the project as JSON: go run . FILE ENV_FILE PROFILE...
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	if err := load(os.Args[1], os.Args[2], os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func load(file, envFile string, profiles []string) error {
	options, err := cli.NewProjectOptions(
		[]string{file}, cli.WithEnvFiles(envFile), cli.WithDotEnv, cli.WithProfiles(profiles))
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	printed, err := project.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(printed)
	return err
}
