namespace XLLM.Testing.SiloHost;

[Alias("XLLM.Testing.IMarkListener")]
public interface IMarkListener : IGrainObserver
{
    [Alias("On")]
    [Orleans.Concurrency.OneWay]
    Task OnAsync(int number);
}
