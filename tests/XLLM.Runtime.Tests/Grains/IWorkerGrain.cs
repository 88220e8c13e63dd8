namespace XLLM.Runtime.Tests.Grains;

public interface IWorkerGrain : IPlacedGrain
{
    /// <summary>Ends when as many calls as <paramref name="count"/> are inside at once.</summary>
    Task MeetAsync(string name, int count);

    Task<string> ActivationAsync();
}
