namespace XLLM.Runtime.Tests.Grains;

[Alias("tests.ISpeakerGrain")]
public interface ISpeakerGrain : IGrainWithStringKey
{
    Task SubscribeAsync(IListener listener);

    Task SayAsync(string what);

    Task<int> AskAllAsync(int number);

    Task<int> CountAsync();

    /// <summary>Moves the subscriptions' clock on.</summary>
    Task PassTimeAsync(TimeSpan time);

    /// <summary>Makes an observer reference inside a grain, which is refused.</summary>
    Task ObserveItselfAsync();
}
