/** The look of the conversation and of its menu. */
import { adopt } from '../styles'
import menu from './menu.css?inline'
import thread from './thread.css?inline'
import '../views/icons'

adopt(thread)
adopt(menu)
