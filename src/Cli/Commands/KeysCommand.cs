using System.CommandLine;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm keys</c>: API keys in the file that <c>Gateway:ApiKeysFile</c> names.</summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "API keys: add, list, remove. A running server follows changes of their file.")
    {
        KeysAddCommand.Create(),
        KeysListCommand.Create(),
        KeysRemoveCommand.Create(),
    };

    public static Option<string> FileOption() => new("--file")
    {
        Description = "the file of keys, as in Gateway:ApiKeysFile",
        DefaultValueFactory = _ => "api-keys.json",
    };

    public static Argument<string> NameArgument() => new("NAME") { Description = "name of the key" };
}
