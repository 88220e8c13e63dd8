namespace Orleans.Runtime;

/// <summary>Takes state along when an activation moves. Implemented by a grain or by its components.</summary>
public interface IGrainMigrationParticipant
{
    void OnDehydrate(IDehydrationContext dehydrationContext);

    void OnRehydrate(IRehydrationContext rehydrationContext);
}
