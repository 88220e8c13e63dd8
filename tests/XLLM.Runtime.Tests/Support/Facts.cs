using System.Collections.Concurrent;

namespace XLLM.Runtime.Tests.Support;

/// <summary>
/// Things that happened in grains, by name. All silos of the tests are in this process, so a test can wait for what a grain
/// says here instead of for time.
/// </summary>
public static class Facts
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly ConcurrentDictionary<string, TaskCompletionSource<object?>> Sources = new();

    /// <summary>A name that no other test uses.</summary>
    public static string NewKey() => "t" + Guid.NewGuid().ToString("N");

    public static void Set(string name, object? value = null) => Of(name).TrySetResult(value);

    public static bool IsSet(string name) => Of(name).Task.IsCompleted;

    public static async Task<T> WaitAsync<T>(string name) => (T)(await Of(name).Task.WaitAsync(Patience))!;

    public static Task WaitAsync(string name) => Of(name).Task.WaitAsync(Patience);

    private static TaskCompletionSource<object?> Of(string name) =>
        Sources.GetOrAdd(name, _ => new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously));
}
