using System.CommandLine;
using XLLM.Gateway.Keys;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm keys remove</c>.</summary>
internal static class KeysRemoveCommand
{
    public static Command Create()
    {
        Argument<string> name = KeysCommand.NameArgument();
        Option<string> file = KeysCommand.FileOption();
        Command command = new("remove", "Forget a key: it is refused from then on.") { name, file };
        command.SetAction((parse, _) => UserErrors.GuardAsync(() =>
        {
            string path = parse.GetValue(file)!;
            string gone = parse.GetValue(name)!;
            ApiKeyFile.Change(path, keys => keys.Any(k => k.Name == gone)
                ? [.. keys.Where(k => k.Name != gone)]
                : throw new ArgumentException($"'{path}' has no key with the name '{gone}'."));
            Console.WriteLine($"Key '{gone}' is removed.");
            return Task.FromResult(0);
        }));
        return command;
    }
}
