using System.Diagnostics;
using XLLM.Cli.Hosting;
using XLLM.Contracts.Fleet;

namespace XLLM.Cli.Bench.Chaos;

/// <summary>Answers every prompt on one server that nobody hurts.</summary>
internal static class Undisturbed
{
    /// <summary>The prompts with their expected texts. Throws <see cref="ServeException"/> when an answer fails.</summary>
    public static async Task<IReadOnlyList<ChaosPrompt>> AnswerAsync(
        IReadOnlyList<ChaosPrompt> prompts, string model, string path, Action done, CancellationToken cancellationToken)
    {
        await using ServerHost server = await ServerHost.StartAsync(
            new ServeSettings { Model = path, Name = model, Port = 0, Quiet = true, MaxWaiting = Math.Max(256, prompts.Count) }, cancellationToken);
        InstanceDescriptor instance = server.Readiness.Instances[0];
        using HttpClient http = new() { Timeout = Timeout.InfiniteTimeSpan };
        ChaosClient client = new(http, instance.Model.Name, Stopwatch.GetTimestamp());
        return await Task.WhenAll(prompts.Select(async (prompt, i) =>
        {
            ChaosAnswer answer = await client.AskAsync(new Uri(server.Url + "/"), i, prompt, cancellationToken);
            done();
            return answer.Error is null
                ? prompt with { Expected = answer.Text }
                : throw new ServeException($"The undisturbed server failed on prompt {i}: {answer.Error}");
        }));
    }
}
