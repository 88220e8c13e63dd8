namespace XLLM.Runtime.Tests.Grains;

public interface ITimerGrain : IGrainWithStringKey
{
    /// <summary>Ticks each millisecond, awaiting inside; ends when 20 have gone. The most that overlapped.</summary>
    Task<int> MeasureOverlapAsync();

    Task StartOverlapAsync();

    /// <summary>A one-shot timer whose callback sets another tick by Change; says "{key} second".</summary>
    Task ChangeInCallbackAsync();

    /// <summary>Keeps the activation from collection.</summary>
    Task DelayAsync(TimeSpan time);

    Task<string> ActivationAsync();
}
