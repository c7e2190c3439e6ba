namespace KgOrleans.Silo;

/// <summary>What a container is for.</summary>
/// <param name="Store">What opens it, as a refusal of the service begins.</param>
/// <param name="Setting">The setting that names it.</param>
/// <param name="OtherContent">What a blob is that does not belong there, as in "no grain state".</param>
/// <param name="Fits">Whether a blob of a name may belong there.</param>
internal sealed record ContainerUse(string Store, string Setting, string OtherContent, Func<string, bool> Fits);
