using GlueOrleans.Tests.Protocol.Support;
using Xunit;
using Xunit.v3;

// Each class may start a server of its own: few at a time, beside the shared one.
[assembly: Parallelization(MaxThreads = 3)]
[assembly: AssemblyFixture(typeof(SharedServer))]
