using System.CommandLine;
using XLLM.Gateway.Keys;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm keys add</c>: prints the key, which is kept nowhere.</summary>
internal static class KeysAddCommand
{
    public static Command Create()
    {
        Argument<string> name = KeysCommand.NameArgument();
        Option<string> file = KeysCommand.FileOption();
        Option<int?> requests = new("--rpm") { Description = "requests a minute" };
        Option<int?> tokens = new("--tpm") { Description = "prompt and generated tokens a minute" };
        Option<int?> concurrency = new("--concurrency") { Description = "requests at a time" };
        Option<bool> batch = new("--batch") { Description = "its requests give way to all others" };
        Option<bool> admin = new("--admin") { Description = "it may manage keys and see the requests of all of them" };
        Option<string?> priority = new("--priority") { Description = "highest class of requests: interactive, normal or batch" };
        Command command = new("add", "Make a key and print it; only its hash is kept.")
        {
            name, file, requests, tokens, concurrency, batch, priority, admin,
        };
        command.SetAction((parse, _) => UserErrors.GuardAsync(() =>
        {
            string path = parse.GetValue(file)!;
            string key = ApiKeyText.New();
            ApiKeyFile.Change(path, keys =>
            [
                .. keys,
                new ApiKeyRecord
                {
                    Name = parse.GetValue(name)!,
                    Hash = ApiKeyText.HashOf(key),
                    Created = DateTimeOffset.UtcNow,
                    RequestsPerMinute = parse.GetValue(requests),
                    TokensPerMinute = parse.GetValue(tokens),
                    Concurrency = parse.GetValue(concurrency),
                    IsBatch = parse.GetValue(batch),
                    IsAdmin = parse.GetValue(admin),
                    Priority = parse.GetValue(priority),
                },
            ]);
            Console.Error.WriteLine("The key is shown only now:");
            Console.WriteLine(key);
            return Task.FromResult(0);
        }));
        return command;
    }
}
