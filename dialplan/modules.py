"""modules.conf: what the dialplan uses and nothing else: Asterisk starts in half a second and listens to nobody."""

_MODULES = """
app_bridgewait app_celgenuserevent app_chanspy app_dial app_exec app_mixmonitor app_playback app_queue app_read
app_senddtmf app_stack app_userevent app_verbose app_waituntil bridge_builtin_features bridge_builtin_interval_features
bridge_holding bridge_native_rtp bridge_simple bridge_softmix cdr_custom cel_custom chan_pjsip codec_alaw
codec_resample codec_ulaw format_pcm format_sln format_wav func_callerid func_cdr func_channel func_cut func_devstate
func_global func_groupcount func_hangupcause func_logic func_math func_module func_periodic_hook func_pjsip_aor
func_pjsip_contact func_pjsip_endpoint func_sha1 func_strings func_timeout func_uri pbx_config res_agi
res_cdrel_custom res_manager_devicestate res_musiconhold res_pjproject res_pjsip res_pjsip_authenticator_digest
res_pjsip_caller_id res_pjsip_dialog_info_body_generator res_pjsip_diversion res_pjsip_dtmf_info res_pjsip_empty_info
res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user res_pjsip_exten_state res_pjsip_header_funcs
res_pjsip_logger res_pjsip_nat res_pjsip_outbound_authenticator_digest res_pjsip_outbound_publish res_pjsip_path
res_pjsip_pidf_body_generator res_pjsip_pubsub res_pjsip_refer res_pjsip_registrar res_pjsip_rfc3326 res_pjsip_sdp_rtp
res_pjsip_session res_pjsip_xpidf_body_generator res_rtp_asterisk res_sorcery_astdb res_sorcery_config
res_sorcery_memory res_speech res_timing_timerfd
"""


def render() -> str:
    """The file's text."""
    return "\n[modules]\nautoload = no\n" + "".join(f"load = {name}.so\n" for name in sorted(_MODULES.split()))
