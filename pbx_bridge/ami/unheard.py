"""Events of Asterisk 22 that mean nothing to the bridge: passed over, but not counted as unknown.

From Asterisk's own documentation (core-en_US.xml, managerEvent), less what `decode` turns into events; a test
against the real thing keeps the two together.
"""

from typing import Final

UNHEARD: Final = frozenset(
    """
    AgentDump AgentLogin AgentLogoff AgentRingNoAnswer Agents AgentsComplete AGIExecEnd AGIExecStart
    Alarm AlarmClear AOC-D AOC-E AOC-S AorDetail AorList AorListComplete AsyncAGIEnd AsyncAGIExec
    AsyncAGIStart AuthDetail AuthList AuthListComplete AuthMethodNotAllowed BridgeCreate
    BridgeInfoChannel BridgeInfoComplete BridgeListComplete BridgeListItem BridgeMerge
    BridgeVideoSourceUpdate Cdr CEL ChallengeResponseFailed ChallengeSent ChannelReload
    ChannelTalkingStart ChannelTalkingStop ConfbridgeEnd ConfbridgeJoin ConfbridgeLeave ConfbridgeList
    ConfbridgeListRooms ConfbridgeMute ConfbridgeRecord ConfbridgeStart ConfbridgeStopRecord
    ConfbridgeTalking ConfbridgeUnmute ContactList ContactListComplete ContactStatusDetail
    CoreShowChannel CoreShowChannelMapComplete CoreShowChannelsComplete DAHDIChannel DBGetComplete
    DBGetResponse DeadlockStart DeviceStateListComplete DialState DNDState DTMFBegin DTMFEnd
    EndpointDetail EndpointDetailComplete EndpointList EndpointListComplete ExtensionStateListComplete
    ExtensionStatus FailedACL FAXSession FAXSessionsComplete FAXSessionsEntry FAXStats FaxStatus
    FAXStatus Flash FullyBooted HangupHandlerPop HangupHandlerPush HangupHandlerRun HangupRequest
    IdentifyDetail InboundRegistrationDetail InboundSubscriptionDetail InvalidAccountID InvalidPassword
    InvalidTransport Load LoadAverageLimit LocalBridge LocalOptimizationBegin LocalOptimizationEnd
    LogChannel MCID MeetmeEnd MeetmeJoin MeetmeLeave MeetmeList MeetmeListRooms MeetmeMute MeetmeTalking
    MeetmeTalkRequest MemoryLimit MessageWaiting MiniVoiceMail MusicOnHoldStart MusicOnHoldStop MWIGet
    MWIGetComplete NewAccountCode NewConnectedLine OutboundRegistrationDetail OutboundSubscriptionDetail
    ParkedCall ParkedCallGiveUp ParkedCallSwap ParkedCallTimeOut PbxBridgeClock PbxBridgeSeed PeerStatus Pickup
    PJSIPMaintenanceStatus PresenceStateChange PresenceStateListComplete PresenceStatus QueueEntry
    QueueMember QueueMemberRinginuse QueueParams QueueStatusComplete QueueSummary QueueSummaryComplete
    ReceiveFAX Registry Reload RequestBadFormat RequestNotAllowed RequestNotSupported ResourceListDetail
    RTCPReceived RTCPSent SendFAX SessionLimit SoftHangupRequest SpanAlarm SpanAlarmClear Status
    StatusComplete SuccessfulAuth TransportDetail UnexpectedAddress TestEvent Unload UnParkedCall VarSet
    VoicemailPasswordChange Wink
    """.split()  # noqa: SIM905 - a list of words is read, and sorted, as words
)
