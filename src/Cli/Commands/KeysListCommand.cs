using System.CommandLine;
using System.Globalization;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Keys;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm keys list</c>.</summary>
internal static class KeysListCommand
{
    public static Command Create()
    {
        Option<string> file = KeysCommand.FileOption();
        Command command = new("list", "Names, limits and the beginnings of hashes.") { file };
        command.SetAction((parse, _) => UserErrors.GuardAsync(() =>
        {
            Console.WriteLine($"{"NAME",-24} {"CREATED",-10} {"RPM",9} {"TPM",11} {"AT A TIME",9} {"CLASS",-11} SHA256");
            foreach (ApiKeyRecord key in ApiKeyFile.Read(parse.GetValue(file)!))
            {
                string created = key.Created.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
                Console.WriteLine(
                    $"{key.Name,-24} {created,-10} {Show(key.RequestsPerMinute),9} {Show(key.TokensPerMinute),11} "
                    + $"{Show(key.Concurrency),9} {(key.IsAdmin ? "admin" : PriorityNames.Of(key.HighestPriority)),-11} {key.Hash[..12]}");
            }

            return Task.FromResult(0);
        }));
        return command;
    }

    private static string Show(int? limit) => limit?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
