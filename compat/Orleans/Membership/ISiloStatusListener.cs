namespace Orleans.Runtime;

/// <summary>Hears of changes of silos.</summary>
public interface ISiloStatusListener
{
    void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status);
}
