namespace KgOrleans.Grains.Tests.Configuration;

/// <summary>The table of event types belongs to the process, so that no other test may run beside these.</summary>
[CollectionDefinition(nameof(OwnEventTypeTests), DisableParallelization = true)]
public sealed class OwnEventTypeCollection;
