using XLLM.Cli.Bench.Points;
using XLLM.Cli.Chat;
using XLLM.Cli.Client;
using XLLM.Cli.Cluster;
using XLLM.Cli.Hosting;
using XLLM.Cli.Hub;
using XLLM.Contracts.Configuration;
using XLLM.Engine.Interop;
using XLLM.Engine.Memory;
using XLLM.Formats;

namespace XLLM.Cli.Commands;

/// <summary>Runs a command so that what a user can mend ends as one line on standard error and exit status 1.</summary>
internal static class UserErrors
{
    public static async Task<int> GuardAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
        catch (Exception e) when (IsTheUsers(e))
        {
            await Console.Error.WriteLineAsync($"xllm: {e.Message}");
            return 1;
        }
    }

    private static bool IsTheUsers(Exception e) => e is ClusterException or HubException or OpenAiErrorException or ServeException or ModelFormatException or ModelMemoryException
        or NativeException or OptionsException or PeerException or IOException or InvalidDataException or UnauthorizedAccessException or HttpRequestException or ArgumentException;
}
