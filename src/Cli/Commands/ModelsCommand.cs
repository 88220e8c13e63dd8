using System.CommandLine;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm models</c>: models on this machine's disks.</summary>
internal static class ModelsCommand
{
    public static Command Create() => new("models", "Models on this machine: list, pull, remove.")
    {
        ModelsListCommand.Create(),
        ModelsPullCommand.Create(),
        ModelsRemoveCommand.Create(),
    };
}
